"""Links between articles that come in together: from the addresses of the old system to relative links to .md files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from kb.importing.incoming import Target

_KEPT_SCHEMES = ("http", "https", "mailto", "tel")
_FRAGMENT = re.compile(r"""(?:href\s*=\s*["'][^"'#]*|\]\([^)\s#]*)#([^"')\s]{1,200})""", re.IGNORECASE)


@dataclass
class Links:
    """Which article has which place. `add` all of them, then ask."""

    _places: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, keys: Iterable[str], *, lang: str, article: str) -> None:
        """The article in this language is meant by these keys. Who comes first under a key keeps it."""
        for key in keys:
            self._places.setdefault(key, {}).setdefault(lang, article)

    def find(self, target: Target, *, lang: str, without: frozenset[str] = frozenset()) -> str | None:
        """The id of the article that the target means, in this language if there is one, and not one of `without`."""
        for key in target.keys:
            places = {language: article for language, article in self._places.get(key, {}).items() if article not in without}
            if places:
                return places.get(lang) or next(iter(places.values()))
        return None


def relative_link(article: str, other: str, fragment: str = "") -> str:
    """The link from `article` to `other`, both ids, as it is written in Markdown."""
    path = f"{other}.md" if article != other else ""
    path = path and posixpath.relpath(path, posixpath.dirname(article) or ".")
    anchor = make_anchor(unquote(fragment))
    return path + (f"#{anchor}" if anchor else "")


def make_anchor(name: str) -> str:
    """A section's name as kb can carry it: letters, digits, dashes and underscores."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:100]


def find_fragments(bodies: Iterable[str]) -> frozenset[str]:
    """The section names that any link in the bodies asks for, as anchors."""
    return frozenset(make_anchor(unquote(name)) for body in bodies for name in _FRAGMENT.findall(body))


def follow_address(href: str, *, base: str, keys: Mapping[str, str] | None = None) -> Target:
    """What a link in the file `base` of a folder means: a web address, or `file <path>` of another file of that folder."""
    href = href.strip()
    try:
        parts = urlsplit(href)
    except ValueError:
        return Target()
    if parts.scheme.lower() in _KEPT_SCHEMES:
        return Target(address=href)
    if parts.scheme or "\\" in href:
        return Target()
    if parts.netloc:
        return Target(address=f"https:{href}")
    path = resolve_path(unquote(parts.path), base=base)
    return Target((f"file {path.casefold()}",), parts.fragment) if path else Target(fragment=parts.fragment)


def resolve_path(path: str, *, base: str) -> str:
    """`path`, written in the file `base`, from the root of their folder; '' when it leads out of it or nowhere."""
    if not path:
        return base
    joined = path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(base), path)
    place = posixpath.normpath(joined)
    return "" if place in (".", "..") or place.startswith("../") or "\0" in place else place


def absolute_address(href: str, base: str) -> str:
    """The web address of `href` in a page whose own address is `base`; '' without a base to go from."""
    try:
        host = urlsplit(base)
        if host.scheme not in ("http", "https") or not host.netloc:
            return ""
        path = urlsplit(href)
    except ValueError:
        return ""
    if not href.startswith("/") or href.startswith("//"):
        return ""
    query, fragment = path.query and f"?{path.query}", path.fragment and f"#{path.fragment}"
    return f"{host.scheme}://{host.netloc}{quote(path.path, safe='/%:@!$&()*+,;=~-._')}{query}{fragment}"
