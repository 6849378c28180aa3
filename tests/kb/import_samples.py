"""Small real exports for the tests of importing: a Word document, a Zendesk help centre, a Confluence space."""

import io
import json
import zipfile
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def png(width: int = 2, height: int = 2, shade: int = 0) -> bytes:
    """A grey PNG image."""

    def part(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    rows = (b"\0" + bytes([shade]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def paragraph(text: str, style: str = "", *, run: str = "") -> str:
    """A paragraph of a Word document; `run` is what stands in the properties of its only run."""
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{styled}<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def listed(text: str, *, level: int = 0, numbered: bool = False) -> str:
    """An item of a list."""
    number = 2 if numbered else 1
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr><w:r><w:t>{escape(text)}</w:t></w:r></w:p>'
    )


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(text: str, *, across: int = 1, down: str = "") -> str:
    """A cell; `down` is 'restart' or 'continue' for one that is merged with the one below or above."""
    span = f'<w:gridSpan w:val="{across}"/>' if across > 1 else ""
    merge = f'<w:vMerge w:val="{down}"/>' if down else ""
    return f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{paragraph(text)}</w:tc>"


def picture(relation: str = "rId9", words: str = "A screenshot") -> str:
    """An image inside a paragraph; rId9 is embedded, rId8 lies on another server."""
    kind = "embed" if relation == "rId9" else "link"
    return (
        f'<w:p><w:r><w:drawing><wp:inline xmlns:wp="{DRAWING}/wordprocessingDrawing"><wp:docPr id="1" name="x" descr="{words}"/>'
        f'<a:graphic xmlns:a="{DRAWING}/main"><a:graphicData><pic:pic xmlns:pic="{DRAWING}/picture"><pic:blipFill>'
        f'<a:blip r:{kind}="{relation}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
    )


def docx(*body: str, title: str = "", image: bytes = b"", extra: dict[str, bytes] | None = None) -> bytes:
    """A Word document as Word packs it."""
    levels = "".join(f'<w:lvl w:ilvl="{n}"><w:numFmt w:val="FORMAT"/></w:lvl>' for n in range(3))
    numbering = "".join(f'<w:abstractNum w:abstractNumId="{n}">{levels.replace("FORMAT", kind)}</w:abstractNum>' for n, kind in ((1, "bullet"), (2, "decimal")))
    numbering += "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in (1, 2))
    names = {"Title": "Title", "Heading1": "heading 1", "Heading2": "heading 2", "Code": "HTML Preformatted", "Warning": "Warning"}
    styles = "".join(f'<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/></w:style>' for id, name in names.items())
    core = f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>{escape(title)}</dc:title><cp:keywords>billing, refunds</cp:keywords><dcterms:modified>2026-03-04T05:06:07Z</dcterms:modified></cp:coreProperties>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="png" ContentType="image/png"/><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{"".join(body)}</w:body></w:document>',
        "word/numbering.xml": f'<w:numbering xmlns:w="{W}">{numbering}</w:numbering>',
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId9" Type="{R}/image" Target="media/image1.png"/><Relationship Id="rId8" Type="{R}/image" Target="https://tracker.example/pixel.png" TargetMode="External"/></Relationships>',
        "docProps/core.xml": core,
        "word/media/image1.png": image or png(),
        **(extra or {}),
    }  # fmt: skip
    return archive({name: content if isinstance(content, bytes) else content.encode() for name, content in parts.items()})


def archive(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return held.getvalue()


def zendesk_article(number: int, title: str, body: str, **fields: object) -> dict[str, object]:
    """An article as the Help Center API gives it."""
    locale = str(fields.get("locale", "en-us"))
    return {
        "id": number, "title": title, "body": body, "locale": locale, "label_names": ["billing"], "section_id": 7, "draft": False,
        "updated_at": "2026-02-03T04:05:06Z", "user_segment_id": None,
        "html_url": f"https://acme.zendesk.com/hc/{locale}/articles/{number}-{title.replace(' ', '-')}", **fields,
    }  # fmt: skip


def confluence_page(title: str, content: str, *, space: str = "Support") -> str:
    """A page as a space's HTML export has it."""
    return f"""<!DOCTYPE html>
<html>
    <head>
        <title>{space} : {title}</title>
        <link rel="stylesheet" href="styles/site.css" type="text/css" />
    </head>
    <body class="theme-default aui-theme-default">
        <div id="page">
            <div id="main" class="aui-page-panel">
                <div id="main-header">
                    <div id="breadcrumb-section"><ol id="breadcrumbs"><li class="first"><span><a href="index.html">{space}</a></span></li></ol></div>
                    <h1 id="title-heading" class="pagetitle"><span id="title-text">{space} : {title}</span></h1>
                </div>
                <div id="content" class="view">
                    <div class="page-metadata">Created by <span class='author'> Mei Lin</span>, last modified on Mar 04, 2026</div>
                    <div id="main-content" class="wiki-content group">
{content}
                    </div>
                </div>
            </div>
        </div>
    </body>
</html>
"""


def confluence_content(number: str, title: str, storage: str, **fields: object) -> dict[str, object]:
    """A page as the content API gives it."""
    return {
        "id": number, "type": "page", "status": "current", "title": title, "space": {"key": "SUP"},
        "body": {"storage": {"value": storage, "representation": "storage"}}, "version": {"when": "2026-03-04T05:06:07.000Z", "number": 3},
        "metadata": {"labels": {"results": [{"name": "billing"}]}}, **fields,
    }  # fmt: skip


def write(folder: Path, files: dict[str, str | bytes | object]) -> Path:
    """Write the files below the folder: text, bytes, or anything else as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder
