"""First on the path of a process under test: whatever it, or a Python that it starts, asks of another machine is refused and written down.

Python imports a module of this name before anything else; the file named by OUTBOUND_LOG holds one line for each attempt.
"""

import ipaddress
import os
import sys

LOG = os.environ.get("OUTBOUND_LOG", "")


def is_here(host: object) -> bool:
    """Whether this machine itself is meant."""
    if isinstance(host, bytes):
        host = host.decode("utf-8", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def watch(event: str, arguments: tuple) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else None  # A path is a socket of this machine.
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    if not is_here(host):
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(f"{event} {host!r} by {' '.join(sys.argv[:3])!r}\n")
        raise ConnectionRefusedError(f"{event} {host!r}: the tests allow no request to another machine")


if LOG:
    sys.addaudithook(watch)
