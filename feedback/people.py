"""Finding what names a person: e-mail addresses, identity numbers, bank cards, telephone numbers."""

from __future__ import annotations

import re

# ASCII look-arounds instead of \b: a number glued to Chinese words is still a number, one inside an identifier is not.
ALONE = r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][-.#/])"
ENDS = r"(?![0-9A-Za-z_])(?![-.]\d)"

EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+'\u00c0-\u04ff-])[A-Za-z0-9_%+\u00c0-\u04ff](?:[A-Za-z0-9._%+'\u00c0-\u04ff-]{0,63})"
    r"(?:@|\s?[\[({<](?:at|@|#|艾特)[\])}>]\s?|\s?艾特\s?)"
    r"(?P<domain>(?:[A-Za-z0-9\u00c0-\u04ff-]{1,63}(?:\.|\s?[\[({<](?:dot|\.|点)[\])}>]\s?)){1,6}(?P<end>[A-Za-z]{2,24})"
    r"|[\u4e00-\u9fff]{1,20}\.(?:中国|公司|网络|cn|com))(?![A-Za-z0-9-])",
    re.I,
)
FILE_ENDINGS = {"png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "ts", "json", "md", "yaml", "yml", "pdf", "html"}

IDENTITY = re.compile(ALONE + r"\d{6}[ -]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[0-9Xx]" + ENDS)
SAID_IDENTITY = re.compile(
    r"(?P<name>(?:身份证|证件|护照|通行证|港澳证|居民证|台胞证|回乡证|居住证|驾驶证|驾照|社保卡?|医保卡?"
    r"|passport|id card|identity card|identity|driver'?s? licen[cs]e|social security|(?<![A-Za-z])SSN|national insurance|(?<![A-Za-z])NI(?= num))"
    r"(?:号码|号| number| no\.?| num)?[^0-9A-Za-z\u4e00-\u9fff]{0,3}(?:是|为|:|is)?\s?)"
    r"(?P<number>[A-Za-z]{2}(?: ?\d{2}){3} ?[A-D]|[A-Za-z]{1,2}\d(?:[ -]?\d){5,16}|\d(?:[ -]?\d){6,16}[ -]?[0-9Xx])(?![0-9A-Za-z])",
    re.I,
)
HONG_KONG = re.compile(r"(?<![0-9A-Za-z_])[A-Z]{1,2}\d{6}\([0-9A]\)(?![0-9A-Za-z_])")
SOCIAL_SECURITY = re.compile(ALONE + r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}" + ENDS)
HANDLE = re.compile(
    r"(?P<name>(?:微信号|微信ID|wechat(?: id)?|(?<![A-Za-z])wxid)\s?(?:是|为|:|=)?\s?)"
    r"(?P<value>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])",
    re.I,
)
ADDED_HANDLE = re.compile(
    r"(?P<name>(?:加我?(?:的|个|一下)?微信|微信\s?(?=[:是]))\s?(?:是|:)?\s?)(?P<value>(?=[A-Za-z_-]*\d|[A-Za-z0-9-]*_)[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
)
WXID = re.compile(r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9]{6,20}(?![A-Za-z0-9_])", re.I)
QQ = re.compile(r"(?P<name>(?<![A-Za-z])QQ(?:号码|号)?\s?(?:是|为|:|=)?\s?)\d{5,11}(?![0-9.A-Za-z])", re.I)

CARDS = tuple(
    re.compile(ALONE + number + ENDS)
    for number in (
        r"\d{4}([ -])\d{4}(?:\1\d{4}){2}\1\d{1,3}",
        r"\d{4}([ -])\d{4}(?:\1\d{4}){2}",
        r"\d{4}([ -])\d{6}\1\d{4,5}",
        r"\d{13,19}",
    )
)
SAID_CARD = re.compile(
    r"(?P<name>(?:银行卡|卡号|信用卡|借记卡|储蓄卡|银行账号|银行账户|card(?: number)?|iban)[^0-9A-Za-z]{0,6})"
    r"(?P<number>\d(?:[ -]?\d){11,18})(?!\d)",
    re.I,
)
IBAN = re.compile(ALONE + r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?" + ENDS)

EXTENSION = r"(?:\s?(?:转|分机|ext\.?|x|-)\s?\d{1,5})?"
PHONES = tuple(
    re.compile(ALONE + number + ENDS, re.I)
    for number in (
        r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}",
        r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d{2}[- ]?\d{3}[- ]?\d{4}",
        r"(?:\(0(?:10|2\d|[3-9]\d{2})\)\s?|0(?:10|2\d|[3-9]\d{2})[- ]?)[2-9]\d{2,3}[- ]?\d{4}" + EXTENSION,
        r"[48]00[- ]\d{3}[- ]\d{4}|[48]00[- ]\d{4}[- ]\d{3}",
        r"(?:\+|00)(?:86[- ])?\(?0?(?:10|2\d|[3-9]\d{2})\)?[- ][2-9]\d{2,3}[- ]?\d{4}" + EXTENSION,
        r"(?:\+?1[-. ])?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}[-.])[2-9]\d{2}[-. ]\d{4}" + EXTENSION,
        r"07\d{3} \d{3} ?\d{3}",
    )
)
_SPOKEN = "零〇○一二三四五六七八九幺两"
SPOKEN_PHONE = re.compile(rf"(?<![{_SPOKEN}十])[一幺][三四五六七八九][{_SPOKEN}]{{9}}(?![{_SPOKEN}十])")
INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z_+])(?:\+|00(?=[1-9]\d{0,2}[ -]))[1-9](?:[ .()-]{0,2}\d){7,14}(?![0-9A-Za-z_])")
SAID_PHONE = re.compile(
    r"(?P<name>(?:电话|手机|手机号|联系方式|座机|传真|致电|拨打"
    r"|(?<![A-Za-z])(?:phone|mobile|cell|tel|telephone|fax|whatsapp|call me (?:at|on)))"
    r"(?:号码|号| number| no\.?)?\s?(?:是|为|:|=|is)?\s?)(?P<number>\(?\d(?:[ ()-]{0,2}\d){6,13})" + EXTENSION + r"(?![0-9A-Za-z.])",
    re.I,
)


def mask_emails(text: str) -> str:
    """The text with e-mail addresses replaced by `[email]`, also written as 'name (at) example (dot) com'."""
    return EMAIL.sub(_mask_email, text)


def mask_identities(text: str) -> str:
    """The text with identity and passport numbers, QQ and WeChat accounts replaced by `[id]`.

    A mainland number counts when its checksum is right (GB 11643-1999), or when the text says that it is one.
    """
    text = IDENTITY.sub(lambda found: "[id]" if has_identity_checksum(_digits(found[0])) else found[0], text)
    text = HONG_KONG.sub("[id]", text)
    text = SAID_IDENTITY.sub(r"\g<name>[id]", text)
    text = SOCIAL_SECURITY.sub("[id]", text)
    text = QQ.sub(r"\g<name>[id]", text)
    text = WXID.sub("[id]", text)
    for pattern in (HANDLE, ADDED_HANDLE):
        text = pattern.sub(r"\g<name>[id]", text)
    return text


def mask_cards(text: str) -> str:
    """The text with payment cards (issuer prefix and Luhn digit right, or said to be one) and IBANs replaced by `[card]`."""
    text = SAID_CARD.sub(r"\g<name>[card]", text)
    for pattern in CARDS:
        text = pattern.sub(lambda found: "[card]" if _is_card(_digits(found[0])) else found[0], text)
    return IBAN.sub(lambda found: "[card]" if has_iban_checksum(found[0].replace(" ", "")) else found[0], text)


def mask_phones(text: str) -> str:
    """The text with Chinese mobile and landline numbers and international numbers replaced by `[phone]`."""
    text = SAID_PHONE.sub(r"\g<name>[phone]", text)
    text = INTERNATIONAL.sub("[phone]", text)
    text = SPOKEN_PHONE.sub("[phone]", text)
    for pattern in PHONES:
        text = pattern.sub("[phone]", text)
    return text


def has_identity_checksum(number: str) -> bool:
    """Whether the 18th sign of a mainland identity number fits the 17 digits before it (ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def has_luhn_digit(number: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in number[-1::-2])) % 10 == 0


def has_iban_checksum(number: str) -> bool:
    """Whether the two check digits of an IBAN fit (ISO 13616, MOD 97-10)."""
    moved = number[4:] + number[:4]
    return 15 <= len(number) <= 34 and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _is_card(number: str) -> bool:
    """Issuer prefixes of Visa, Mastercard, American Express, Discover, JCB, Diners and UnionPay, at their lengths."""
    issued = re.fullmatch(
        r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
        r"|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d{2}|4[4-9]\d)\d{12}|62\d{14,17}",
        number,
    )
    return bool(issued) and has_luhn_digit(number)


def _mask_email(found: re.Match[str]) -> str:
    address, domain, end = found[0], found["domain"], found["end"] or ""
    after = found.string[found.end() : found.end() + 1]
    is_file = end.lower() in FILE_ENDINGS
    is_version = re.match(r"\d+\.\d", domain) is not None
    is_remote = address.startswith("git@") and after == ":"
    return address if is_file or is_version or is_remote else "[email]"


def _digits(text: str) -> str:
    return text.replace(" ", "").replace("-", "")
