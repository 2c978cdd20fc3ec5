"""What lets a screen reader read the report aloud: a tagged PDF (ISO 32000-1, 14.7 and 14.8).

reportlab draws pages and knows nothing of tags. So our canvas writes marks with numbers around what is drawn,
and a tree that tells what each number is: a heading, a paragraph, a cell of a table, or a figure with a text
for those who cannot see it. Lines, backgrounds and page numbers are marked as decoration.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObject, PDFString
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph, Table

ROLES = {"title": "H1", "heading": "H2", "caption": "Caption"}  # of paragraphs in these styles; others: P


class TaggedCanvas(Canvas):
    """A canvas to which the things below tell what they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        catalog = self._doc.Catalog
        catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        self._root = catalog.StructTreeRoot = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        self._open: list[tuple[PDFObject, PDFArray]] = []  # elements that are not ended yet, and their kids
        self._leaves: list[PDFObject] = []  # of this page, in the order of their marks
        self._pages: list[object] = []  # number of a page, its leaves, number of the next, ...
        self._root["K"] = self.begin("Document")

    def begin(self, role: str) -> PDFObject:
        """What comes until `end` belongs together: the cells of a row, the rows of a table."""
        kids = PDFArray([])
        element = self._element(role, {"K": kids})
        self._open.append((element, kids))
        return element

    def end(self) -> None:
        self._open.pop()

    @contextlib.contextmanager
    def leaf(self, role: str, alt: str = "") -> Iterator[None]:
        """What is drawn meanwhile is one paragraph, or one figure and what it shows in words."""
        number = len(self._leaves)
        content: dict[str, object] = {"K": number, "Pg": self._doc.thisPageRef()}
        self._leaves.append(self._element(role, content | ({"Alt": PDFString(alt)} if alt else {})))
        self._code.append(f"/{role} <</MCID {number}>> BDC")
        yield
        self._code.append("EMC")

    def begin_decoration(self) -> None:
        """What comes until `end_decoration` tells nothing: a screen reader passes it over."""
        self._code.append("/Artifact BMC")

    def end_decoration(self) -> None:
        self._code.append("EMC")

    def showPage(self) -> None:
        super().showPage()
        number = len(self._pages) // 2
        page = self._doc.Pages.pages[-1]
        page.__Defaults__ = page.__Defaults__ | {"StructParents": number, "Tabs": PDFName("S")}
        self._pages += [number, PDFArray(self._leaves)]
        self._leaves = []

    def save(self) -> None:
        if self._code:
            self.showPage()
        self._root["ParentTree"] = PDFDictionary({"Nums": PDFArray(self._pages)})
        super().save()

    def _element(self, role: str, content: dict[str, object]) -> PDFObject:
        parent, siblings = self._open[-1] if self._open else (self._doc.Reference(self._root), None)
        fields = {"Type": PDFName("StructElem"), "S": PDFName(role), "P": parent}
        element: PDFObject = self._doc.Reference(PDFDictionary(fields | content))
        if siblings is not None:
            siblings.sequence.append(element)
        return element


class Text(Paragraph):
    """A paragraph; its style tells whether it is a heading, which the list of contents then names."""

    def drawOn(self, canvas: TaggedCanvas, x: float, y: float, _sW: float = 0) -> None:
        role = ROLES.get(self.style.name, "P")
        with canvas.leaf(role):
            super().drawOn(canvas, x, y, _sW)
        if role.startswith("H"):
            words = self.getPlainText()
            canvas.bookmarkPage(words)
            canvas.addOutlineEntry(words, words)


class Photograph(Image):
    def __init__(self, file: Any, side: float, alt: str) -> None:
        super().__init__(file, side, side)
        self.alt = alt

    def drawOn(self, canvas: TaggedCanvas, x: float, y: float, _sW: float = 0) -> None:
        with canvas.leaf("Figure", self.alt):
            super().drawOn(canvas, x, y, _sW)


class Figure(Flowable):
    """A drawing, and what it shows in words."""

    def __init__(self, drawing: Drawing, alt: str) -> None:
        super().__init__()
        self.width, self.height = drawing.width, drawing.height
        self.drawing, self.alt = drawing, alt

    def draw(self) -> None:
        with self.canv.leaf("Figure", self.alt):
            self.drawing.drawOn(self.canv, 0, 0)


def table(rows: list[list[Any]], header: bool = True, **layout: Any) -> Table:
    """A table of data; with a header, its first row names the columns."""

    def tell(drawn: Table, event: str, *place: Any) -> None:
        if not _decoration(drawn.canv, event):
            if event == "startCell":
                drawn.canv.begin("TH" if header and place[0] == 0 else "TD")
            elif event in ("startTable", "startRow"):
                drawn.canv.begin({"startTable": "Table", "startRow": "TR"}[event])
            else:
                drawn.canv.end()

    return Table(rows, renderCB=tell, repeatRows=int(header), **layout)


def arranged(rows: list[list[Any]], **layout: Any) -> Table:
    """Things side by side: a table to the eye only."""

    def tell(drawn: Table, event: str, *_: Any) -> None:
        _decoration(drawn.canv, event)

    return Table(rows, renderCB=tell, **layout)


def _decoration(canvas: TaggedCanvas, event: str) -> bool:
    """Backgrounds and lines of tables are decoration. Returns whether the event was about them."""
    if event in ("startBG", "startLines"):
        canvas.begin_decoration()
    elif event in ("endBG", "endLines"):
        canvas.end_decoration()
    return event in ("startBG", "startLines", "endBG", "endLines")
