"""What an image file is, by its first bytes: no name and no suffix is believed."""

from __future__ import annotations

HEAD_BYTES = 32
"""So many are enough to tell."""

_BEGINNINGS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"))
_AVIF = (b"avif", b"avis")


def media_type(head: bytes) -> str:
    """The media type of the image that begins with these bytes; '' for anything that is no image of a kind that can hold no script."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    # ISO/IEC 14496-12, section 4.3: the box `ftyp` names its brands, the major one first.
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4], "big"), len(head)), 4))]
    return "image/avif" if head[4:8] == b"ftyp" and any(brand in _AVIF for brand in brands) else ""
