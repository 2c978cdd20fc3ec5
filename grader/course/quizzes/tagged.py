"""PDF pages that a screen reader can read aloud (ISO 32000-1, 14.7 and 14.8).

reportlab draws and knows nothing of tags. This canvas writes numbered marks around what is drawn, and a tree
that tells what each number is. All of it follows from what is drawn: the same text gives the same bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph, Preformatted

ROLES = {"title": "H1", "heading": "H2"}  # of paragraphs in these styles; others: P


class TaggedCanvas(Canvas):
    """A canvas whose parts say what they are."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        catalog = self._doc.Catalog
        catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        catalog.Lang = PDFString("en")
        self._elements = PDFArray([])
        self._root = catalog.StructTreeRoot = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        whole = {"S": PDFName("Document"), "P": self._doc.Reference(self._root), "K": self._elements}
        self._whole = self._doc.Reference(PDFDictionary({"Type": PDFName("StructElem")} | whole))
        self._root["K"] = self._whole
        self._on_page: list[Any] = []
        self._pages: list[Any] = []  # number of a page, its elements, number of the next, ...

    @contextmanager
    def part(self, role: str, alt: str = "") -> Iterator[None]:
        """What is drawn meanwhile is one heading, paragraph or figure; a figure is told in words by `alt`."""
        number = len(self._on_page)
        told = {"Alt": PDFString(alt)} if alt else {}
        fields = {
            "Type": PDFName("StructElem"),
            "S": PDFName(role),
            "P": self._whole,
            "K": number,
            "Pg": self._doc.thisPageRef(),
        }
        element = self._doc.Reference(PDFDictionary(fields | told))
        self._on_page.append(element)
        self._elements.sequence.append(element)
        self._code.append(f"/{role} <</MCID {number}>> BDC")
        yield
        self._code.append("EMC")

    @contextmanager
    def decoration(self) -> Iterator[None]:
        """What is drawn meanwhile tells nothing."""
        self._code.append("/Artifact BMC")
        yield
        self._code.append("EMC")

    def showPage(self) -> None:
        super().showPage()
        number = len(self._pages) // 2
        page = self._doc.Pages.pages[-1]
        page.__Defaults__ = page.__Defaults__ | {"StructParents": number, "Tabs": PDFName("S")}
        self._pages += [number, PDFArray(self._on_page)]
        self._on_page = []

    def save(self) -> None:
        if self._code:
            self.showPage()
        self._root["ParentTree"] = PDFDictionary({"Nums": PDFArray(self._pages)})
        super().save()


class Text(Paragraph):
    """A paragraph, or a heading by its style."""

    def drawOn(self, canvas: TaggedCanvas, x: float, y: float, _sW: float = 0) -> None:
        with canvas.part(ROLES.get(self.style.name, "P")):
            super().drawOn(canvas, x, y, _sW)


class Program(Preformatted):
    """Code, line by line."""

    def drawOn(self, canvas: TaggedCanvas, x: float, y: float, _sW: float = 0) -> None:
        with canvas.part("Code"):
            super().drawOn(canvas, x, y, _sW)


class Picture(Image):
    def __init__(self, file: Any, width: float, height: float, alt: str) -> None:
        super().__init__(file, width, height)
        self.alt = alt

    def drawOn(self, canvas: TaggedCanvas, x: float, y: float, _sW: float = 0) -> None:
        with canvas.part("Figure", self.alt):
            super().drawOn(canvas, x, y, _sW)


class Rule(Flowable):
    """An empty line to write on."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.width, self.height = width, 22.0

    def draw(self) -> None:
        with self.canv.decoration():
            self.canv.setLineWidth(0.5)
            self.canv.line(0, 4, self.width, 4)
