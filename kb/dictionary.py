"""The compiled Chinese dictionary that is kept between starts: whether it says what the installed one says."""

from __future__ import annotations

from pathlib import Path

import jieba

CACHE_FILE = "jieba.cache"
"""As jieba itself names it."""


def is_sound(folder: Path) -> bool:
    """Whether the dictionary kept in the folder is the installed one, word for word; also when none is kept. Takes a second."""
    if not (folder / CACHE_FILE).is_file():
        return True
    kept = jieba.Tokenizer()
    kept.tmp_dir = str(folder)
    kept.initialize()
    return (kept.FREQ, kept.total) == jieba.Tokenizer.gen_pfdict(kept.get_dict_file())


def forget(folder: Path) -> None:
    """Remove what is kept; the next start compiles it anew."""
    (folder / CACHE_FILE).unlink(missing_ok=True)
