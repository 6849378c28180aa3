"""Finding passwords, keys and tokens: by their issuer's prefix, by the name before them, or because they look random."""

from __future__ import annotations

import re

SECRET = "[secret]"  # noqa: S105  what stands in the place of one

# ASCII look-arounds instead of \b: to a regular expression a Chinese neighbour is a word character, to a reader it is not.
START, END = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"

PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.S)
TOKEN_WITH_PREFIX = re.compile(
    START
    + r"(?:"
    + "|".join((
        r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.?[A-Za-z0-9_-]*",
        r"(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{16,}",
        r"gh[pousr]_[A-Za-z0-9]{20,}",
        r"github_pat_[A-Za-z0-9_]{20,}",
        r"glpat-[A-Za-z0-9_-]{16,}",
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
        r"(?:AKIA|ASIA|AKID)[0-9A-Za-z]{16,40}",
        r"LTAI[0-9A-Za-z]{12,24}",
        r"AIza[0-9A-Za-z_-]{30,}",
        r"ya29\.[0-9A-Za-z_-]{20,}",
        r"(?:hf|npm|dop_v1|shpat|shpss)_[A-Za-z0-9]{20,}",
        r"pypi-[A-Za-z0-9_-]{32,}",
        r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    ))
    + r")(?![A-Za-z0-9])"
)
SIGNED_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{1,20}://)(?P<who>[^\s/@:]{0,100}):[^\s/@]{1,200}@", re.I)
AUTHORIZATION = re.compile(START + r"(?P<kind>Bearer|Basic|Digest)\s+(?=[A-Za-z0-9._~+/-]*[0-9=])[A-Za-z0-9._~+/-]{8,}=*", re.I)
COMMAND_FLAG = re.compile(
    r"(?<!\S)(?P<flag>(?:--?(?:password|passwd|pass|token|secret|api-?key)[ =]|(?:-u|--user)[ =][^\s:]{1,64}:))[^\s-]\S*"
)

NAMES = (
    r"(?:[A-Za-z0-9]{1,20}[_.-]){0,4}[A-Za-z]{0,20}?"
    r"(?:password|passwd|passphrase|passcode|pwd|secret|token|credential|(?:api|access|secret|private|account|auth|license)[ _-]?key)"
)
WORDS = (
    r"密码|口令|密钥|秘钥|令牌|授权码|验证码|动态码|(?:verification|security|one[- ]time)\s(?:code|password)|OTP"
    r"|(?<![A-Za-z])(?:(?:my|your|sim)\sPIN|PIN\scode|PIN(?=\s?(?:is\s|was\s|[:=])))"
)
ASSIGNMENT = re.compile(
    rf"(?P<name>{START}{NAMES})(?P<sign>[\"']?\s{{0,3}}(?:=|:=|=>)\s{{0,3}}[\"']?)(?P<value>[^\s\"'&;,<>$%{{}}*\[\]]{{3,}})", re.I
)
QUOTED_FIELD = re.compile(rf"(?P<name>[\"']{NAMES})(?P<sign>[\"']\s{{0,3}}:\s{{0,3}}[\"'])(?P<value>[^\s\"']{{3,}})", re.I)
STATEMENT = re.compile(
    rf"(?P<name>{START}{NAMES}{END}|{WORDS})(?P<sign>(?:\s?(?:is|was|are|[:=]|是|为|改成|改为|设为|设成|叫)[:\s\"'`“]{{0,3}}|\s))"
    r"(?P<value>[!-~]{4,})",
    re.I,
)
GLUED = re.compile(r"(?P<name>密码|口令|授权码|验证码|动态码)(?P<sign>)(?P<value>[!-~]{4,})")
MEASURED = re.compile(r"\d{4}[年月日时分秒天周位次个条字小页]")
"""A number of four digits that its unit makes a year, a length or a time."""
SESSION = re.compile(
    rf"(?P<name>{START}(?:[A-Za-z]{{0,12}}sess(?:ion)?[_-]?(?:id|key)?|sid|cookie|csrf[A-Za-z_-]{{0,12}}))(?P<sign>\s?[=:]\s?)(?P<value>[A-Za-z0-9%._-]{{16,}})", re.I
)
ALGORITHMS = re.compile(r"(?:sha|md|aes|rsa|des|hmac|bcrypt|argon|pbkdf|utf|base|oauth|ipv|win|windows|ios|android)-?\d{1,4}(?:-?\d{1,4})?", re.I)
PLACEHOLDERS = {"null", "none", "nil", "true", "false", "undefined", "empty", "required", "changeme", "yourpassword", "your-token"}

HEX = re.compile(r"(?<![A-Za-z0-9_-])(?:0x)?[0-9A-Fa-f]{32,}(?![A-Za-z0-9_-])")
CANDIDATE = re.compile(r"(?<![A-Za-z0-9_+/=-])[A-Za-z0-9_+/-]{20,}={0,2}(?![A-Za-z0-9_+/=-])")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


def mask_credentials(text: str) -> str:
    """The text with every recognisable secret replaced by `[secret]`; the name or scheme before it stays."""
    text = PRIVATE_KEY.sub(SECRET, text)
    text = SIGNED_URL.sub(rf"\g<scheme>{SECRET}@", text)
    text = TOKEN_WITH_PREFIX.sub(SECRET, text)
    text = AUTHORIZATION.sub(rf"\g<kind> {SECRET}", text)
    text = COMMAND_FLAG.sub(rf"\g<flag>{SECRET}", text)
    for pattern in (QUOTED_FIELD, ASSIGNMENT):
        text = pattern.sub(lambda found: _replace_value(found, not _is_placeholder(found["value"])), text)
    text = SESSION.sub(lambda found: _replace_value(found, sum(map(str.isdigit, found["value"])) >= 3), text)
    for pattern in (STATEMENT, GLUED):
        text = pattern.sub(_replace_password, text)
    return text


def mask_random_tokens(text: str) -> str:
    """The text with long hexadecimal or base64-like strings replaced; UUIDs, class names, paths and slugs stay."""
    text = HEX.sub(SECRET, text)
    return CANDIDATE.sub(_mask_random, text)


def _replace_password(found: re.Match[str]) -> str:
    measured = MEASURED.fullmatch(found["value"] + found.string[found.end() : found.end() + 1])
    return _replace_value(found, measured is None and _could_be_password(found["value"]))


def _replace_value(found: re.Match[str], is_secret: bool) -> str:
    return found["name"] + found["sign"] + SECRET if is_secret else found[0]


def _is_placeholder(value: str) -> bool:
    return value.lower() in PLACEHOLDERS or value.startswith(("[", "<", "$", "{"))


def _could_be_password(value: str) -> bool:
    """Whether a word said after 'password is' can be one: 'incorrect' and '8.0.1' cannot, 'hunter2' and '482913' can."""
    core = value.rstrip(".,;:!?)\"'`")
    if _is_placeholder(core) or core.startswith("http") or ALGORITHMS.fullmatch(core):
        return False
    if core.isdigit():
        return len(core) >= 4
    if re.fullmatch(r"v?\d+(?:[.-]\d+)*(?:[.-]?(?:p|rc|beta|alpha)\d*)?|0x[0-9A-Fa-f]+|[A-Z]+(?:[_-][A-Z0-9]+)+", core):
        return False
    has_digit = any(sign.isdigit() for sign in core)
    has_letter = any(sign.isalpha() for sign in core)
    has_symbol = any(sign in "!@#$%^&*+=?~" for sign in core)
    return len(core) >= 6 and has_letter and (has_digit or has_symbol)


def _mask_random(found: re.Match[str]) -> str:
    token = found[0]
    if "/" in token and "+" not in token and not token.endswith("="):
        # A path: only the segment that is a key goes.
        return "/".join(SECRET if len(part) >= 20 and _looks_random(part) else part for part in token.split("/"))
    return SECRET if _looks_random(token) else token


def _looks_random(token: str) -> bool:
    """Whether letters of both cases and digits alternate as in a key; words, even CamelCase with a number, alternate rarely."""
    if UUID.fullmatch(token) or sum(sign.isdigit() for sign in token) < 3:
        return False
    kinds = ["9" if sign.isdigit() else "A" if sign.isupper() else "a" if sign.islower() else "-" for sign in token.rstrip("=")]
    pairs = [(one, two) for one, two in zip(kinds, kinds[1:], strict=False) if "-" not in (one, two)]
    if not pairs:
        return False
    changes = sum(one != two for one, two in pairs) / len(pairs)
    present = set(kinds) - {"-"}
    return changes >= 0.4 and (present == {"a", "A", "9"} or (len(token) >= 32 and "9" in present and len(present) == 2))
