"""Where a customer wants the answer sent: an e-mail address or a telephone number, and when two of them are one."""

from __future__ import annotations

import re

from feedback.redaction import fold_disguises

MAX_CHARACTERS = 254
"""RFC 5321, 4.5.3.1.3: no address that mail can be sent to is longer."""
EMAIL = re.compile(r"[^\s@<>\"'(),:;\[\]\\]{1,64}@(?:[^\s@<>\"'(),:;\[\]\\./]{1,63}\.)+[^\s@<>\"'(),:;\[\]\\./\d-]{2,63}")
PHONE = re.compile(r"\+?[\d ()./-]{6,30}")


def read_contact(text: str) -> str:
    """The e-mail address or telephone number (7 to 15 digits, ITU-T E.164) without what hides in it; '' when it is neither."""
    contact = fold_disguises(text[: MAX_CHARACTERS * 2])
    if len(contact) > MAX_CHARACTERS:
        return ""
    is_phone = PHONE.fullmatch(contact) and 7 <= len(re.sub(r"\D", "", contact)) <= 15
    return contact if is_phone or EMAIL.fullmatch(contact) else ""


def fold_contact(contact: str) -> str:
    """The same text for every way to write one contact: case, blanks and dashes, +86 or 0086 before a Chinese mobile number."""
    contact = fold_disguises(contact)
    if "@" in contact:
        return contact.casefold()
    digits = re.sub(r"\D", "", contact).removeprefix("00")
    return digits.removeprefix("86") if re.fullmatch(r"861\d{10}", digits) else digits
