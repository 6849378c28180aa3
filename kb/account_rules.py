"""What an account may be called, and which passwords are worth having."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from kb.errors import AccountError

ROLES = ("reader", "agent", "lead", "administrator")
"""In rising order: each may do what those before it may. A reader is a customer; from agent on it is the team."""
COMMAND_ENDING = "(command)"
"""Behind the name of whoever runs `kb` on the machine itself, so no account's name ends with it."""
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
LONGEST_GROUP = 64
LONGEST_NAME = 64
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1000


def check_role(role: str) -> str:
    """The role. Raises AccountError when there is no such role."""
    if role not in ROLES:
        raise AccountError(f"no role {role!r}; want {', '.join(ROLES)}")
    return role


def check_name(name: str) -> str:
    """The name without spaces around it. Raises AccountError when it is empty, too long or holds invisible signs."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > LONGEST_NAME:
        raise AccountError(f"a name has 1 to {LONGEST_NAME} characters")
    if any(unicodedata.category(sign) in INVISIBLE for sign in name):
        raise AccountError("a name holds no invisible characters; type it anew")
    if name.endswith(COMMAND_ENDING):
        raise AccountError(f"a name does not end with {COMMAND_ENDING}, by which the audit log knows the machine itself; choose another")
    return name


def check_groups(groups: Iterable[str]) -> tuple[str, ...]:
    """The groups or products in order, each once. Raises AccountError for one that front matter could not name."""
    found = sorted({group.strip() for group in groups} - {""})
    for group in found:
        if len(group) > LONGEST_GROUP or any(sign in group for sign in ",，、\r\n\t") or not group.isprintable():
            raise AccountError(f"no name of a group or product: {group[:LONGEST_GROUP]!r}; want up to {LONGEST_GROUP} characters without commas")
    return tuple(found)


def name_key(name: str) -> str:
    """What two spellings of one name have in common: no case, no width, no spaces around."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def check_password(password: str, *, name: str) -> None:
    """Raises AccountError with advice when the password is too short, too long or too easily guessed."""
    if len(password) < SHORTEST_PASSWORD:
        raise AccountError(
            f"the password has {len(password)} characters; want at least {SHORTEST_PASSWORD}, such as four words of your own"
        )
    if len(password) > LONGEST_PASSWORD:
        raise AccountError(f"the password is longer than {LONGEST_PASSWORD} characters; choose a shorter one")
    plain = password_key(password).decode("utf-8").casefold().replace(name_key(name), "")
    if len(set(plain)) < 6:
        raise AccountError("the password is little more than the name or a few characters repeated; choose one that nobody guesses")


def password_key(password: str) -> bytes:
    """The password as it is hashed: the same from every keyboard and input method."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
