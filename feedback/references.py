"""Reference numbers of questions: read out on the telephone without mistakes, guessed by nobody."""

from __future__ import annotations

import re
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are taken for other signs or make words."""
LENGTH = 8
"""40 bits: at thirty wrong tries an hour one in a million questions would be found in about 4 years."""


def new_reference() -> str:
    """A random reference such as Q-7F3K-Q29M."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"Q-{signs[:4]}-{signs[4:]}"


def read_reference(text: str) -> str:
    """The reference that a person wrote, whatever the case, blanks and dashes, with O for 0 and I or L for 1; '' when it is none."""
    signs = re.sub(r"[\s\-‐-―−_.]", "", unicodedata.normalize("NFKC", text[:64])).upper()
    signs = signs.translate(str.maketrans("OIL", "011"))
    if len(signs) == LENGTH + 1 and signs[0] == "Q":
        signs = signs[1:]
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return ""
    return f"Q-{signs[:4]}-{signs[4:]}"
