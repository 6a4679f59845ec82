"""The heading cells of a PDF's tables, as its structure tells them to readers by ear."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium


def headings_in_pdf(data: bytes) -> list[list[str]]:
    """Of each table the words of its heading cells without blanks, in the order of its rows; bands over the whole width
    are left out.
    """
    found = []
    for page in pypdfium2.PdfDocument(data):
        words, tree = _words_by_mark(page), pdfium.FPDF_StructTree_GetForPage(page)
        roots = [pdfium.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(_roots(tree))]
        for table in (one for root in roots for one in _of_type(root, "THead")):
            rows = [[_said(cell, words) for cell in _of_type(row, "TH")] for row in _of_type(table, "TR")]
            found.append([words for row in rows if len(row) > 1 for words in row])
        pdfium.FPDF_StructTree_Close(tree)
    return found


def _roots(tree: Any) -> int:
    return int(pdfium.FPDF_StructTree_CountChildren(tree))


def _words_by_mark(page: Any) -> dict[int, str]:
    """What is drawn under each mark of the structure."""
    text = page.get_textpage()
    drawn: dict[int, str] = defaultdict(str)
    for one in page.get_objects(max_depth=15):
        if one.type == pdfium.FPDF_PAGEOBJ_TEXT:
            size = pdfium.FPDFTextObj_GetText(one, text, None, 0)
            buffer = (ctypes.c_ushort * (size // 2 + 1))()
            pdfium.FPDFTextObj_GetText(one, text, buffer, size)
            mark = pdfium.FPDFPageObj_GetMarkedContentID(one)
            drawn[mark] += bytes(buffer).decode("utf-16-le").rstrip("\0")
    return drawn


def _children(element: Any) -> Iterator[Any]:
    for at in range(pdfium.FPDF_StructElement_CountChildren(element)):
        if child := pdfium.FPDF_StructElement_GetChildAtIndex(element, at):
            yield child


def _type(element: Any) -> str:
    size = pdfium.FPDF_StructElement_GetType(element, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_StructElement_GetType(element, buffer, size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def _of_type(element: Any, kind: str) -> Iterator[Any]:
    if _type(element) == kind:
        yield element
        return
    for child in _children(element):
        yield from _of_type(child, kind)


def _said(element: Any, words: dict[int, str]) -> str:
    marks = range(max(0, pdfium.FPDF_StructElement_GetMarkedContentIdCount(element)))
    ids = [pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, at) for at in marks]
    own = "".join(words.get(mark, "") for mark in ids if mark >= 0)
    return "".join((own + "".join(_said(child, words) for child in _children(element))).split())
