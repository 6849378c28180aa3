"""An image that somebody uploads for an article: beside the article, under a safe name, never over another."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from kb.article_paths import make_parent, split_path
from kb.drafts import make_slug
from kb.durable_files import write_new
from kb.errors import ArticleError
from kb.image_content import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, ImageError, clean_image

__all__ = ["FOLDER", "MAX_IMAGE_BYTES", "MAX_IMAGE_PIXELS", "ImageError", "store_image"]

FOLDER = "images"
_TRIES = 200


def store_image(folder: Path, article: str, name: str, content: bytes) -> str:
    """Write the image into `images/` beside the article; its path from the article, for `![words](path)`.

    The suffix follows from the content: png, jpg, gif or webp. Where and when a picture was taken, and what else a camera or a
    program noted, is removed; it stays upright. The same image under the same name is one file. Raises ImageError.
    """
    shown = name if name.isprintable() else ascii(name)[1:-1]
    image, suffix = clean_image(content, shown)
    path = f"{article}.md"
    try:
        parent = make_parent(folder, [*split_path(path)[:-1], FOLDER], path)
        for stem in _stems(name, article):
            place = parent / f"{stem}{suffix}"
            if write_new(place, image) or _holds(place, image):
                return f"{FOLDER}/{place.name}"
    except ArticleError as fault:
        raise ImageError("no_place", str(fault)) from None
    except OSError as fault:
        fact = f"{shown} cannot be written beside {path}: {fault.strerror}; check the articles folder and its permissions"
        raise ImageError("no_place", fact) from fault
    raise ImageError("no_place", f"{shown}: {_TRIES} images beside {path} have names like it; give the file another name")


def _stems(name: str, article: str) -> list[str]:
    stem = make_slug(PurePosixPath(name.replace("\\", "/")).stem) or make_slug(article.rsplit("/", 1)[-1]) or "image"
    return [stem, *(f"{stem}-{number}" for number in range(2, _TRIES + 1))]


def _holds(place: Path, image: bytes) -> bool:
    return place.is_file() and not place.is_symlink() and place.read_bytes() == image
