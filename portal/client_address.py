"""The network address of whoever asks: the peer's own, or what the company's own proxies say of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping


def client_address(headers: Mapping[str, str], peer: str, proxies: int) -> str:
    """The `proxies`-th address from the right of X-Forwarded-For; the peer's without proxies, or when they did not say.

    What stands further left was written by the client and is worth nothing. `headers` are Starlette's or Streamlit's.
    """
    if proxies == 0:
        return peer
    read_all = (
        getattr(headers, "getlist", None) or getattr(headers, "get_all", None) or (lambda name: [headers[name]] if name in headers else [])
    )
    hops = [hop.strip() for line in read_all("X-Forwarded-For") for hop in line.split(",")]
    return (_bare_address(hops[-proxies]) if len(hops) >= proxies else "") or peer


def _bare_address(hop: str) -> str:
    """The address without brackets and port; empty when it is none."""
    for text in (hop, hop.rpartition(":")[0]):
        try:
            return str(ipaddress.ip_address(text.strip("[]")))
        except ValueError:
            continue
    return ""
