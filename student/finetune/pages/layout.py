"""How the report looks: sizes, fonts, tables, pictures."""

import io
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image, ImageOps
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, SimpleDocTemplate, Table
from reportlab.platypus.tables import TableStyle

from finetune.pages import accessible_pdf, figures
from finetune.pages.accessible_pdf import Photograph, TaggedCanvas, Text
from finetune.parts import files

MARGIN = 22 * mm
WIDTH = A4[0] - 2 * MARGIN  # of the text
INSET = 6  # points that reportlab leaves free inside of its margins, on all sides
TEXT = ParagraphStyle(
    "text", fontName="Helvetica", fontSize=9.5, leading=14, textColor=figures.INK, spaceAfter=6
)
TITLE = ParagraphStyle("title", TEXT, fontName="Helvetica-Bold", fontSize=20, leading=25, spaceAfter=4)
HEADING = ParagraphStyle("heading", TEXT, fontName="Helvetica-Bold", fontSize=13, leading=17, spaceBefore=14)
SMALL = ParagraphStyle("small", TEXT, fontSize=7.5, leading=10, textColor=figures.PALE, spaceAfter=2)
CAPTION = ParagraphStyle("caption", SMALL, spaceBefore=3, spaceAfter=8)
LABEL = ParagraphStyle(
    "label",
    SMALL,
    spaceBefore=4,
    spaceAfter=4,
    alignment=TA_CENTER,
    textColor=figures.INK,
    fontSize=7,
    leading=9,
)
CREDIT = ParagraphStyle(
    "credit", SMALL, fontSize=6.5, leading=8.5, textColor=figures.INK, leftIndent=6, firstLineIndent=-6
)
FIGURE = ParagraphStyle("figure", TEXT, fontName="Helvetica-Bold", fontSize=19, leading=23, spaceAfter=0)
CODE = ParagraphStyle("code", TEXT, fontName="Courier", fontSize=7.5, leading=10, spaceAfter=0)
CELL = ParagraphStyle("cell", TEXT, fontSize=8.5, leading=11.5, spaceAfter=0)
BOLD = ParagraphStyle("bold", CELL, fontName="Helvetica-Bold")

LINES = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, figures.GRID),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)
# Pictures stand close together.
TIGHT = [
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def document(path: Path, story: list[Flowable], **about: str) -> None:
    """Writes the report. `about`: title, author, subject; the last two stand at the foot of each page."""
    content = io.BytesIO()
    SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=MARGIN - INSET,
        rightMargin=MARGIN - INSET,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        lang="en",
        displayDocTitle=True,
        invariant=1,  # no time of writing inside: the same results give the same file
        **about,
    ).build(story, footer, footer, canvasmaker=TaggedCanvas)
    files.write(path, content.getvalue())


def listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def numbers(values: list[float]) -> str:
    return " / ".join(f"{value:g}" for value in values)


def percent(share: float) -> str:
    """0.875 -> "87.5 %"."""
    return f"{100 * share:.1f} %"


def cell(value: object) -> Text:
    return Text(escape(str(value)), CELL)


def bold(value: str) -> Text:
    return Text(escape(value), BOLD)


def facts(values: dict[str, str]) -> Table:
    """Two columns: names and what is true of them."""
    rows = [[bold(name), cell(value)] for name, value in values.items()]
    return accessible_pdf.table(rows, header=False, colWidths=[WIDTH * 0.18, WIDTH * 0.82], style=LINES)


def picture(image_id: str, label: str, side: float) -> Photograph:
    """The middle of an image as a small square, so that the report stays small too."""
    with Image.open(files.images()[image_id]) as image:
        square = ImageOps.fit(image.convert("RGB"), (220, 220))
    content = io.BytesIO()
    square.save(content, format="JPEG", quality=88)
    return Photograph(content, side, f"image {image_id} of the class {label}")


def gallery(cells: list[list[Flowable]], columns: int) -> Table:
    """Pictures with their labels in rows."""
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    rows[-1] = rows[-1] + [[] for _ in range(columns - len(rows[-1]))]
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 2), *TIGHT]
    return accessible_pdf.arranged(rows, colWidths=[WIDTH / columns] * columns, style=style)


def footer(canvas: TaggedCanvas, document: Any) -> None:
    canvas.begin_decoration()
    canvas.saveState()
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(figures.PALE)
    canvas.drawString(MARGIN, 12 * mm, f"{document.author} | {document.subject}")
    canvas.drawRightString(A4[0] - MARGIN, 12 * mm, f"page {document.page}")
    canvas.restoreState()
    canvas.end_decoration()
