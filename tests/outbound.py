"""Processes under test that are kept from other machines, and what they tried: see tests/no_network/sitecustomize.py."""

import os
from collections.abc import Mapping
from pathlib import Path

NO_NETWORK = str(Path(__file__).parent / "no_network")
MADE_FOR_TESTS = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
"""What keeps the libraries of these tests from the network, and is not set where kb is installed."""


def guarded(environment: Mapping[str, str], log: Path) -> dict[str, str]:
    """The environment of a process that writes every request to another machine into `log`, and has only kb's own word against them."""
    kept = {name: value for name, value in environment.items() if name not in MADE_FOR_TESTS}
    path = os.pathsep.join(filter(None, (NO_NETWORK, environment.get("PYTHONPATH", ""))))
    return {**kept, "PYTHONPATH": path, "OUTBOUND_LOG": str(log)}


def attempts(log: Path) -> list[str]:
    """The requests that were tried, each once."""
    return sorted(set(log.read_text(encoding="utf-8").splitlines())) if log.exists() else []
