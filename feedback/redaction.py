"""Taking personal data, secrets and private hosts out of a text before it is stored."""

from __future__ import annotations

import re
import unicodedata

from feedback.credentials import mask_credentials, mask_random_tokens
from feedback.hosts import mask_hosts
from feedback.people import mask_cards, mask_emails, mask_identities, mask_phones

# The order matters: a token may hold an address, a card may hold a phone number. What is most telling goes first.
MASKS = (mask_credentials, mask_emails, mask_identities, mask_cards, mask_hosts, mask_phones, mask_random_tokens)

KEPT_CONTROLS = "\t\n"
BLANKS = re.compile(r"[^\S\n]+")


def redact(text: str) -> str:
    """The text with `[email]`, `[phone]`, `[id]`, `[card]`, `[secret]` and `[host]` in place of what names a person or opens a door.

    The text is first folded to NFKC and freed of invisible characters, so that full-width digits and zero-width joiners hide
    nothing. Redacting twice changes nothing. Order numbers, versions, error codes, UUIDs, times, loopback addresses and short
    commit hashes stay, because they are what people search for; a full commit hash (32 hexadecimal digits or more) goes,
    because nothing tells it from a key.
    """
    text = fold_disguises(text)
    for mask in MASKS:
        text = mask(text)
    return text


def fold_disguises(text: str) -> str:
    """The text in NFKC without format and control characters (zero-width, bidi marks, soft hyphens); blanks become one space."""
    folded = unicodedata.normalize("NFKC", text)
    visible = (sign for sign in folded if sign in KEPT_CONTROLS or unicodedata.category(sign) not in ("Cf", "Cc", "Cs"))
    return BLANKS.sub(" ", "".join(visible)).strip()
