"""The few fitted numbers of ranking and confidence, read from one small file that `python -m indexer.fitting` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@cache
def read_weights() -> Mapping[str, Mapping]:
    """'ranking' and 'confidence': weight by feature name."""
    return json.loads(WEIGHTS_FILE.read_text("utf-8"))
