"""An image file judged by its content, and made fit to publish: no metadata, upright."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageOps

from kb.errors import KnowledgeBaseError

MAX_IMAGE_BYTES = 5_000_000
MAX_IMAGE_PIXELS = 40_000_000

_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "MPO": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
# What Pillow raises on files that break off or lie about themselves, by its own decoders' habit.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error, zlib.error)
_ORIENTATION = 0x0112
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What draws the picture. Texts, places, times and whatever programs add are not among it.
_PNG_PARTS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB bKGD hIST pHYs sPLT acTL fcTL fdAT cICP mDCV cLLI".split()
)  # fmt: skip
_WEBP_PARTS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_METADATA_FLAGS = 0x08 | 0x04
"""Of the VP8X part: the file holds Exif, the file holds XMP."""


class ImageError(KnowledgeBaseError):
    """A file that cannot become an article's image.

    Carries `code`: `too_large`, `too_many_pixels`, `svg`, `not_an_image`, `broken` or `no_place`.
    """

    def __init__(self, code: str, fact: str) -> None:
        self.code = code
        super().__init__(fact)


def clean_image(content: bytes, name: str) -> tuple[bytes, str]:
    """(the image without metadata, its suffix by content). Raises ImageError, which calls the file `name`.

    The picture stays the same to the last bit where that is possible: only a photograph that carries metadata, or one that is
    stored turned, is encoded anew.
    """
    if len(content) > MAX_IMAGE_BYTES:
        raise ImageError("too_large", f"{name} is larger than {MAX_IMAGE_BYTES // 1_000_000} MB; make it smaller")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                raise Image.DecompressionBombError
            image.load()
            return _without_metadata(image, content), _SUFFIXES[image.format]
    except Image.DecompressionBombError:
        most = MAX_IMAGE_PIXELS // 1_000_000
        raise ImageError("too_many_pixels", f"{name} has more than {most} million pixels; make it smaller") from None
    except Image.UnidentifiedImageError:
        raise _unknown(content, name) from None
    except _BROKEN:
        raise ImageError("broken", f"{name} is damaged or cut short; save it again and check that a viewer shows it") from None


def _unknown(content: bytes, name: str) -> ImageError:
    if re.search(rb"<svg[\s>]", content[:4096], re.IGNORECASE):
        return ImageError("svg", f"{name} is an SVG, which can carry a script; save it as PNG")
    return ImageError("not_an_image", f"{name} is no image that every browser shows; save it as PNG, JPEG, GIF or WebP")


def _without_metadata(image: Image.Image, content: bytes) -> bytes:
    turned = image.getexif().get(_ORIENTATION, 1) in range(2, 9) and not getattr(image, "is_animated", False)
    if image.format == "PNG" and not turned:
        return _PNG_SIGNATURE + b"".join(part for kind, part in _png_parts(content) if kind in _PNG_PARTS)
    if image.format == "WEBP" and not turned:
        return _bare_webp(content)
    if image.format == "GIF" or (image.format == "JPEG" and not turned and _is_bare_jpeg(image, content)):
        return content
    return _encode_anew(image, content, turned=turned)


def _encode_anew(image: Image.Image, content: bytes, *, turned: bool) -> bytes:
    profile = image.info.get("icc_profile")
    written = io.BytesIO()
    if image.format == "PNG":
        ImageOps.exif_transpose(image).save(written, "PNG", exif=b"", icc_profile=profile)
    elif image.format == "WEBP":
        lossless = b"VP8L" in content[:64]
        ImageOps.exif_transpose(image).save(written, "WEBP", exif=b"", xmp=b"", icc_profile=profile, lossless=lossless, quality=92)
    elif image.format == "JPEG" and not turned:
        # "keep" uses the file's own tables: decoding and encoding again then loses next to nothing.
        image.save(written, "JPEG", exif=b"", comment=b"", icc_profile=profile, quality="keep")
    else:
        ImageOps.exif_transpose(image).save(written, "JPEG", exif=b"", comment=b"", icc_profile=profile, quality=92)
    return written.getvalue()


def _is_bare_jpeg(image: Image.Image, content: bytes) -> bool:
    """Whether the file holds the picture and its colours alone, and nothing behind its end: phones append whole films there."""
    parts = getattr(image, "applist", ())
    allowed = all(kind in ("APP0", "APP14") or (kind == "APP2" and part.startswith(b"ICC_PROFILE\0")) for kind, part in parts)
    return allowed and content.endswith(b"\xff\xd9")


def _png_parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, whole part) of a PNG that was decoded before, up to its end (PNG specification, section 5.3)."""
    at = len(_PNG_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at : at + 12 + size]
        at += 12 + size


def _bare_webp(content: bytes) -> bytes:
    """The WebP without its metadata parts, and with the flags that announce them cleared (RFC 9649, section 2.7)."""
    parts = b""
    at, end = 12, min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", content, at)
        part = content[at : at + 8 + size + size % 2]
        if kind == b"VP8X":
            part = part[:8] + bytes([part[8] & ~_WEBP_METADATA_FLAGS]) + part[9:]
        if kind in _WEBP_PARTS:
            parts += part
        at += len(part)
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts
