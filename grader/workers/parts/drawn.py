"""The text of a PDF page that a reader sees: each word is looked for in a picture of the page.

A page is drawn twice, with its text and without. Where the two do not differ, a word is not seen: it has the
colour of what is below, it lies under something or outside the page, or its mode is "invisible".
"""

import ctypes
import re

import pypdfium2
import pypdfium2.raw as pdfium

SCALE = 2.0  # pixels a point
CONTRAST = 40  # of 255 grey levels: paler is not read
SMALLEST = 4.0  # points from line to line; smaller letters are not read
DEPTH = 15  # of forms in forms
PIXELS = 20_000_000  # of one page at this scale; A0 has less

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels


def text(page: pypdfium2.PdfPage, limit: int) -> tuple[str, int]:
    """The words that are drawn, of the first `limit` characters, and how many letters of others there are."""
    page_text = page.get_textpage()
    letters = [
        chr(pdfium.FPDFText_GetUnicode(page_text, at) or 0xFFFD)
        for at in range(min(limit, page_text.count_chars()))
    ]
    if page.get_width() * page.get_height() * SCALE**2 > PIXELS:
        return "", sum(map(str.isalnum, letters))
    picture = _Picture(page, page_text)
    seen, unseen = list[str](), 0
    at = 0
    for piece in re.split(r"(\s+)", "".join(letters)):
        word = range(at, at + len(piece))
        at += len(piece)
        marks = [number for number in word if letters[number].isalnum()]
        if 2 * sum(map(picture.shows, marks)) >= len(marks):
            seen.append(piece)
        else:
            unseen += len(marks)
    return "".join(seen), unseen


class _Picture:
    """A page with its text and without."""

    def __init__(self, page: pypdfium2.PdfPage, page_text: pypdfium2.PdfTextPage) -> None:
        self._page, self._text = page, page_text
        drawn = page.render(scale=SCALE, grayscale=True)
        self._width, self._height, self._stride = drawn.width, drawn.height, drawn.stride
        self._with = bytes(drawn.buffer)
        for piece in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=DEPTH):
            pdfium.FPDFPageObj_SetIsActive(piece.raw, False)
        self._without = bytes(page.render(scale=SCALE, grayscale=True).buffer)

    def shows(self, letter: int) -> bool:
        """Whether a letter, counted from 0, can be seen."""
        box = self._box(letter)
        if box is None:
            return False
        left, top, right, bottom = box
        for row in range(top, bottom):
            start, end = row * self._stride + left, row * self._stride + right
            one, other = self._with[start:end], self._without[start:end]
            if one != other and any(abs(a - b) >= CONTRAST for a, b in zip(one, other, strict=True)):
                return True
        return False

    def _box(self, letter: int) -> Box | None:
        """None outside the page, and for what is too small."""
        edges = pdfium.FS_RECTF()
        if not pdfium.FPDFText_GetLooseCharBox(self._text, letter, edges):
            return None
        if min(abs(edges.top - edges.bottom), 4 * abs(edges.right - edges.left)) < SMALLEST:
            return None
        first, second = self._pixel(edges.left, edges.top), self._pixel(edges.right, edges.bottom)
        left, right = sorted((first[0], second[0]))
        top, bottom = sorted((first[1], second[1]))
        box = max(0, left), max(0, top), min(self._width, right + 1), min(self._height, bottom + 1)
        return box if box[0] < box[2] and box[1] < box[3] else None

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(self._page, 0, 0, self._width, self._height, 0, x, y, across, down)
        return across.value, down.value
