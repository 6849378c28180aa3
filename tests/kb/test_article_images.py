"""An uploaded image is known by its content, carries nobody's whereabouts, and lies beside its article under a name of its own."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from kb.article_images import MAX_IMAGE_BYTES, ImageError, store_image
from kb.articles import Article
from kb.image_content import clean_image
from kb.page import render_article

ARTICLE = "en/billing/refunds"
PLACE = "52.5200 N"


def picture(size=(8, 4), mode="RGB"):
    """Its left half is red, its right half blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image.convert(mode)


def exif_of(orientation=None):
    exif = Image.Exif()
    exif[0x010F] = "Camera of Li"
    if orientation:
        exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = PLACE
    return exif


def encoded(kind, image=None, **how):
    written = io.BytesIO()
    (image or picture()).save(written, kind, **how)
    return written.getvalue()


def labelled_png(**how):
    label = PngImagePlugin.PngInfo()
    label.add_text("Comment", PLACE)
    label.add_itxt("XML:com.adobe.xmp", f"<x>{PLACE}</x>", zip=True)
    return encoded("PNG", pnginfo=label, **how)


def stored(folder, path):
    return Image.open(folder / "en/billing" / path)


def refusal(content, name="a.png"):
    with pytest.raises(ImageError) as caught:
        clean_image(content, name)
    return caught.value


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("GIF", ".gif"), ("WEBP", ".webp")])
def test_an_image_lies_beside_its_article_and_its_suffix_follows_from_its_content(tmp_path, kind, suffix):
    path = store_image(tmp_path, ARTICLE, "Address Button.PDF", encoded(kind))
    assert path == f"images/address-button{suffix}"
    assert stored(tmp_path, path).format == kind
    html = render_article(Article(ARTICLE, "T", "en", body=f"![A button]({path})")).html
    assert f'src="/media/en/billing/{path}"' in html


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("截图 2026-11-22.png", "images/截图-2026-11-22.png"), ("../../etc/passwd", "images/passwd.png"), ("C:\\Users\\Li\\a b.png", "images/a-b.png"),
        ("???.png", "images/refunds.png"), ("", "images/refunds.png"), (".htaccess", "images/htaccess.png"), ("a\nb.png", "images/a-b.png"),
    ],
)  # fmt: skip
def test_a_name_becomes_a_safe_one(tmp_path, name, path):
    assert store_image(tmp_path, ARTICLE, name, encoded("PNG")) == path
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.png")] == [f"en/billing/{path}"]


def test_another_image_under_a_taken_name_gets_a_number_and_the_same_image_does_not(tmp_path):
    first, second = encoded("PNG"), encoded("PNG", picture((2, 2)))
    assert store_image(tmp_path, ARTICLE, "a.png", first) == "images/a.png"
    assert store_image(tmp_path, ARTICLE, "a.png", second) == "images/a-2.png"
    assert store_image(tmp_path, ARTICLE, "a.png", first) == "images/a.png"
    assert stored(tmp_path, "images/a.png").size == (8, 4)


def test_no_link_leads_out_of_the_folder_and_none_is_written_through(tmp_path):
    folder, outside = tmp_path / "articles", tmp_path / "outside"
    (folder / "en/billing").mkdir(parents=True)
    outside.mkdir()
    (folder / "en/billing/images").symlink_to(outside)
    with pytest.raises(ImageError, match="leads out of the articles folder") as caught:
        store_image(folder, ARTICLE, "a.png", encoded("PNG"))
    assert caught.value.code == "no_place"
    (folder / "en/images").mkdir()
    (folder / "en/images/a.png").symlink_to(outside / "a.png")
    assert store_image(folder, "en/x", "a.png", encoded("PNG")) == "images/a-2.png"
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("article", ["../x", "en/../../x", "/etc/x", ".hidden/x"])
def test_no_article_leads_out_either(tmp_path, article):
    with pytest.raises(ImageError, match="no path of an article"):
        store_image(tmp_path / "articles", article, "a.png", encoded("PNG"))
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "content",
    [
        encoded("JPEG", exif=exif_of()), encoded("JPEG", comment=PLACE.encode()), encoded("JPEG", xmp=PLACE.encode()), encoded("JPEG") + PLACE.encode(),
        encoded("PNG", exif=exif_of()), labelled_png(), encoded("PNG") + PLACE.encode(),
        encoded("WEBP", exif=exif_of()), encoded("WEBP", xmp=PLACE.encode()), encoded("WEBP") + PLACE.encode(),
        encoded("WEBP", lossless=True, exif=exif_of(6)), encoded("PNG", exif=exif_of(3)), encoded("JPEG", exif=exif_of(6)),
    ],
)  # fmt: skip
def test_where_a_picture_was_taken_and_by_whom_is_removed(content):
    cleaned, suffix = clean_image(content, "a")
    image = Image.open(io.BytesIO(cleaned))
    image.load()
    assert PLACE.encode() not in cleaned
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "Comment", "XML:com.adobe.xmp"} & image.info.keys()


def test_a_text_that_png_packs_is_removed_as_well():
    content = labelled_png()
    assert Image.open(io.BytesIO(content)).text["XML:com.adobe.xmp"] == f"<x>{PLACE}</x>"
    assert Image.open(io.BytesIO(clean_image(content, "a")[0])).text == {}


@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("JPEG", {"quality": 95}), ("WEBP", {"lossless": True})])
def test_a_picture_that_is_stored_turned_comes_out_upright(kind, how):
    cleaned, _ = clean_image(encoded(kind, exif=exif_of(6), **how), "a")
    image = Image.open(io.BytesIO(cleaned)).convert("RGB")
    assert image.size == (4, 8)
    top, bottom = image.getpixel((2, 1)), image.getpixel((2, 6))
    assert top[0] > 200 > top[2] and bottom[2] > 200 > bottom[0]


@pytest.mark.parametrize(
    "content", [encoded("PNG"), encoded("PNG", picture(mode="P"), transparency=0), encoded("JPEG"), encoded("GIF"), encoded("WEBP"), encoded("WEBP", lossless=True)]
)  # fmt: skip
def test_an_image_without_metadata_stays_as_it_is_to_the_last_bit(content):
    assert clean_image(content, "a")[0] == content


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_an_animation_stays_one_with_its_times(kind):
    frames = [picture(), picture().rotate(180)]
    labels = {} if kind == "GIF" else {"exif": exif_of(6)}
    content = encoded(kind, frames[0], save_all=True, append_images=frames[1:], duration=[100, 700], loop=0, **labels)
    image = Image.open(io.BytesIO(clean_image(content, "a")[0]))
    times = []
    for number in range(image.n_frames):
        image.seek(number)
        image.load()
        times.append(image.info["duration"])
    assert times == [100, 700]
    assert not image.getexif()


def test_colours_and_resolution_stay():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("PNG", "JPEG", "WEBP"):
        cleaned, _ = clean_image(encoded(kind, icc_profile=profile, exif=exif_of()), "a")
        assert Image.open(io.BytesIO(cleaned)).info["icc_profile"] == profile


@pytest.mark.parametrize(
    ("content", "code", "fact"),
    [
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "svg", "can carry a script; save it as PNG"),
        (b"<!doctype html><script>alert(1)</script>", "not_an_image", "save it as PNG, JPEG, GIF or WebP"),
        (b"", "not_an_image", "no image"), (b"%PDF-1.7", "not_an_image", "no image"), (encoded("BMP"), "not_an_image", "no image"),
        (encoded("AVIF"), "not_an_image", "no image"), (encoded("PNG", picture((99, 99)))[:-60], "broken", "damaged or cut short"),
        (encoded("JPEG", picture((99, 99)))[:-60], "broken", "damaged or cut short"),
        (b"\x89PNG" + b"\0" * MAX_IMAGE_BYTES, "too_large", "larger than 5 MB"),
    ],
)  # fmt: skip
def test_what_is_no_image_for_every_browser_is_refused_with_the_remedy(content, code, fact):
    fault = refusal(content)
    assert (fault.code, "a.png" in str(fault), fact in str(fault)) == (code, True, True)


def bomb(width, height):
    """A PNG of few bytes that says it has so many pixels."""

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * 1000)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 5001), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_small_file_that_unfolds_to_a_giant_is_refused_before_it_unfolds(size):
    assert refusal(bomb(*size)).code in ("too_many_pixels", "not_an_image")


SAMPLES = [labelled_png(), encoded("JPEG", exif=exif_of(6)), encoded("WEBP", exif=exif_of(6)), encoded("GIF")]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(
    st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 2000)
)
def test_whatever_bytes_come_the_answer_is_an_image_or_a_refusal(content, flips, cut):
    broken = bytearray(content)
    for at, value in flips:
        broken[at % len(broken)] = value
    broken = bytes(broken[: max(1, len(broken) - cut % 40)])
    try:
        cleaned, suffix = clean_image(broken, "a")
    except ImageError:
        return
    image = Image.open(io.BytesIO(cleaned))
    image.load()
    assert suffix in (".png", ".jpg", ".gif", ".webp")
    assert not image.getexif()
