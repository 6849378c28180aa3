"""Finding addresses inside a customer's network: private and named IP addresses, MAC addresses, internal host names, shares."""

from __future__ import annotations

import ipaddress
import re

HOST = "[host]"

IPV4 = re.compile(
    r"(?<![0-9A-Za-z_.])(?<![0-9A-Za-z]-)\d{1,3}(?:\.\d{1,3}){3}"
    r"(?P<tail>(?::\d{2,5}|/\d{1,2})(?![0-9.]))?(?![0-9A-Za-z_]|\.\d|-[A-Za-z0-9])"
)
IPV6 = re.compile(r"(?<![0-9A-Za-z:.])\[?(?=[0-9A-Fa-f:]*[0-9])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}\]?(?![0-9A-Za-z:.])")
MAC = re.compile(r"(?<![0-9A-Za-z:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![0-9A-Za-z:-])")
SHARE = re.compile(r"(?<![\\:A-Za-z0-9])\\\\(?![.?]\\)[A-Za-z0-9][A-Za-z0-9.-]{0,62}(?=\\)")
INTERNAL = re.compile(
    r"(?<![A-Za-z0-9_./\\-])(?:[A-Za-z0-9-]{1,63}\.){1,6}(?:internal|local|lan|corp|intranet|localdomain|private)"
    r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])",
    re.I,
)
ADDRESSED = re.compile(
    r"(?P<scheme>(?:https?|s?ftp|ssh|wss?|smb|ldaps?|postgres(?:ql)?|mysql|mssql|redis|mongodb|amqp)://(?:\[secret\]@)?)"
    r"(?P<host>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(?![A-Za-z0-9_.-]*@)",
    re.I,
)

# Addresses that say nothing about a customer and that people do search for.
EVERYBODYS = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9", "114.114.114.114", "223.5.5.5", "223.6.6.6", "119.29.29.29"}
EVERYBODYS_HOSTS = re.compile(
    r"localhost|example|(?:host|gateway)\.docker\.internal|metadata\.google\.internal|(?:.*\.)?svc\.cluster\.local", re.I
)
FILE_NAMES = re.compile(r"(?:.*\.)?(?:env|config|settings|compose|docker-compose|application|conf|rc|gitconfig)\.local", re.I)
VERSION_BEFORE = re.compile(
    r"(?:\bv|\bver\.?|\bversion|\brelease|\bbuild|\bupdate|版本号?|版|升级到|更新到|[A-Za-z]==)\s*[:=是为]?\s*$", re.I
)
ADDRESS_BEFORE = re.compile(
    r"(?:(?<![A-Za-z])(?:ip|ipv4|addr|address|addresses|host|hostname|server|ping|ssh|telnet|curl|from|node|gateway|proxy|dns|client)"
    r"|地址|主机|服务器|来自|网关|代理|节点|客户端|连接|连不上|访问|登录|://(?:\[secret\]@)?|@)\s*[:=是为]?\s*$",
    re.I,
)


def mask_hosts(text: str) -> str:
    """The text with private addresses, and public ones said to be an address, replaced by `[host]`.

    Loopback, masks, public resolvers, documentation hosts and four-part versions stay.
    """
    text = MAC.sub(HOST, text)
    text = IPV4.sub(_mask_ipv4, text)
    text = IPV6.sub(_mask_ipv6, text)
    text = SHARE.sub(lambda _: "\\\\" + HOST, text)
    text = ADDRESSED.sub(_mask_url_host, text)
    return INTERNAL.sub(lambda found: found[0] if _is_everybodys(found[0]) else HOST, text)


def _mask_ipv4(found: re.Match[str]) -> str:
    tail = found["tail"] or ""
    digits = found[0].removesuffix(tail)
    before = found.string[max(0, found.start() - 24) : found.start()]
    try:
        address = ipaddress.IPv4Address(digits)
    except ValueError:
        return found[0]
    if address.is_loopback or address.is_unspecified or digits in EVERYBODYS or digits.startswith("255."):
        return found[0]
    if VERSION_BEFORE.search(before):
        return found[0]
    inside = address.is_private or address in ipaddress.IPv4Network("100.64.0.0/10")
    if inside or tail or ADDRESS_BEFORE.search(before):
        return HOST + tail
    return found[0]


def _mask_ipv6(found: re.Match[str]) -> str:
    try:
        address = ipaddress.IPv6Address(found[0].strip("[]"))
    except ValueError:
        return found[0]
    return found[0] if address.is_loopback or address.is_unspecified else HOST


def _mask_url_host(found: re.Match[str]) -> str:
    host = found["host"]
    signed = "[secret]@" in found["scheme"]
    # A public name says who is asked; a name without a dot exists only inside somebody's network.
    if _is_everybodys(host) or (("." in host or "[" in host) and not signed):
        return found[0]
    return found["scheme"] + HOST


def _is_everybodys(host: str) -> bool:
    try:
        if ipaddress.ip_address(host).is_loopback:
            return True
    except ValueError:
        pass
    return bool(EVERYBODYS_HOSTS.fullmatch(host) or FILE_NAMES.fullmatch(host))
