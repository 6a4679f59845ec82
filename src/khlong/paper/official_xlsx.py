"""An official table form as Excel XLSX: a worksheet for each sheet, money as numbers, headings on every page.

What people wrote is always text, never a formula. With Thai digits figures are text, since numbers have no digits of
their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Any

from khlong.paper.official import (
    CHANGED,
    FILL,
    FONT,
    Baht,
    Band,
    CellValue,
    FormBlock,
    FormRow,
    FormSheet,
    align_of,
    digits,
    heads,
    printed,
    widths_mm,
)
from khlong.paper.text import width

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LONGEST_NAME, _LONGEST_CELL = 31, 32767
_UNITS = 136.0
"""Width of all columns together, in Excel's units: what fits A4 on its side without being made smaller."""
_UNIT_MM, _SIDES_MM = 1.85, 2.2
"""A unit of Excel's columns in millimetres, and what the edges of a cell take."""
_LINE_HEIGHT = 17.0


def to_form_xlsx(sheets: Sequence[FormSheet], *, title: str, thai_digits: bool = False) -> bytes:
    """The sheets as one workbook."""
    from openpyxl import Workbook

    book = Workbook()
    del book[book.sheetnames[0]]
    names: set[str] = set()
    for sheet in sheets:
        _Sheet(book.create_sheet(_name(sheet.name, names)), sheet, thai_digits).write()
    book.properties.title, book.properties.language, book.properties.creator = title, "th-TH", ""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _name(wish: str, taken: set[str]) -> str:
    base = " ".join(_NOT_IN_A_NAME.sub(" ", wish).split())[:_LONGEST_NAME].strip() or "1"
    name, number = base, 2
    while name.lower() in taken:
        tail = f" ({number})"
        name, number = base[: _LONGEST_NAME - len(tail)] + tail, number + 1
    taken.add(name.lower())
    return name


class _Sheet:
    def __init__(self, paper: Worksheet, form: FormSheet, thai: bool) -> None:
        self.paper, self.form, self.thai, self.text = paper, form, thai, digits(thai)
        self.wide = len(form.columns)
        mm = widths_mm(form, _UNITS * _UNIT_MM, 12, _SIDES_MM)
        self.widths = [one / _UNIT_MM for one in mm]
        self.at = 1

    def write(self) -> None:
        from openpyxl.utils import get_column_letter

        for number, wide in enumerate(self.widths, 1):
            self.paper.column_dimensions[get_column_letter(number)].width = wide
        self.over(self.form.code, "right", bold=True)
        for words in filter(None, (self.form.example, *self.form.titles)):
            self.over(words, "center", bold=True, size=16)
        if len(self.form.blocks) == 1:
            self.opening(self.form.blocks[0], headings=True)
        else:
            self.headings()
        for block in self.form.blocks:
            if len(self.form.blocks) > 1:
                self.opening(block)
            for row in block.rows:
                self.line(row)
        self.page()

    def opening(self, block: FormBlock, *, headings: bool = False) -> None:
        """What stands above the rows of a group. Excel repeats one stretch of rows on every page: of a single group its
        bands with the headings, of several the headings alone, which then stand above all groups.
        """
        for indent, words in block.lines:
            self.over(words, "left", indent=indent // 10)
        first = self.at
        for words in block.bands:
            self.over(words, "left", bold=True, boxed=True)
        if headings:
            self.headings(first)

    def headings(self, first: int = 0) -> None:
        """The heading rows, repeated on every page from row `first` on."""
        first = first or self.at
        self.heading_rows()
        self.paper.print_title_rows = f"{first}:{self.at - 1}"
        self.paper.freeze_panes = f"A{self.at}"

    def page(self) -> None:
        from openpyxl.worksheet.page import PageMargins

        paper: Any = self.paper
        paper.page_setup.orientation, paper.page_setup.paperSize = "landscape", 9
        paper.page_setup.fitToWidth, paper.page_setup.fitToHeight = 1, 0
        paper.sheet_properties.pageSetUpPr.fitToPage = True
        paper.page_margins = PageMargins(left=0.45, right=0.45, top=0.6, bottom=0.75, footer=0.35)
        words = " · ".join(filter(None, (self.form.footer, self.form.example)))
        paper.oddFooter.center.text = self.text(words).replace("&", "&&")
        paper.oddFooter.right.text = "&P"
        for part in (paper.oddFooter.center, paper.oddFooter.right):
            part.font, part.size = f"{FONT},Regular", 12

    def put(self, row: int, column: int, value: CellValue, **look: Any) -> Any:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        cell: Any = self.paper.cell(row, column)
        if isinstance(value, Baht) and not self.thai:
            cell.value = value.satang // 100 if value.satang % 100 == 0 else value.satang / 100
            cell.number_format = "#,##0" if value.satang % 100 == 0 else "#,##0.00"
        elif isinstance(value, int) and not self.thai:
            cell.value, cell.number_format = value, "#,##0"
        else:
            words = self.text(printed(value))[:_LONGEST_CELL]
            cell.value = words
            cell.data_type = "s"
            if words[:1] in ("=", "+", "@") or (words[:1] == "-" and len(words) > 1):
                cell.quotePrefix = True
        cell.font = Font(name=FONT, size=look.get("size", 12), bold=look.get("bold", False))
        cell.alignment = Alignment(
            horizontal=look.get("align", "left"),
            vertical=look.get("vertical", "top"),
            wrap_text=True,
            indent=look.get("indent", 0),
        )
        if look.get("boxed"):
            side = Side(style="thin", color="000000")
            cell.border = Border(left=side, right=side, top=side, bottom=side)
        if fill := look.get("fill"):
            cell.fill = PatternFill("solid", fgColor=fill)
        return cell

    def merge(self, row: int, first: int, last: int, high: int = 1, **look: Any) -> None:
        """Cover several cells with one; the borders of those that are covered are drawn too."""
        for down in range(high):
            for across in range(first, last + 1):
                if down or across > first:
                    self.put(row + down, across, "", **look)
        if last > first or high > 1:
            self.paper.merge_cells(start_row=row, end_row=row + high - 1, start_column=first, end_column=last)

    def over(self, words: str, align: str, **look: Any) -> None:
        """Words over the whole width."""
        look |= {"align": align}
        self.put(self.at, 1, words, **look)
        self.merge(self.at, 1, self.wide, **look)
        lines = _lines(words, sum(self.widths), look.get("size", 12))
        self.paper.row_dimensions[self.at].height = lines * _LINE_HEIGHT * look.get("size", 12) / 12
        self.at += 1

    def heading_rows(self) -> None:
        laid = heads(self.form.columns)
        look = {"bold": True, "boxed": True, "fill": FILL, "align": "center", "vertical": "center"}
        for words, at, span, high in laid.first:
            self.put(self.at, at + 1, words, **look)
            self.merge(self.at, at + 1, at + span, high, **look)
        for words, at in laid.second:
            self.put(self.at + 1, at + 1, words, **look)
        tallest = max(
            _lines(column.heading, wide) for column, wide in zip(self.form.columns, self.widths, strict=True)
        )
        under = max((_lines(words, self.widths[at]) for words, at in laid.second), default=0)
        first = max(tallest - under, 1) + 0.3
        self.paper.row_dimensions[self.at].height = first * _LINE_HEIGHT
        if under:
            self.paper.row_dimensions[self.at + 1].height = (under + 0.2) * _LINE_HEIGHT
        self.at += laid.rows

    def line(self, row: FormRow | Band) -> None:
        if isinstance(row, Band):
            self.over(row.words, "left", bold=True, boxed=True)
            return
        over, tall = row.label_over, 1
        for number, value in enumerate(row.cells):
            column = 1 if number == 0 else over + number
            align = align_of(value, first=number == 0 and over == 1)
            fill = CHANGED if number in row.changed else ""
            self.put(self.at, column, value, boxed=True, bold=row.bold, align=align, fill=fill)
            wide = sum(self.widths[:over]) if number == 0 else self.widths[column - 1]
            tall = max(tall, _lines(printed(value), wide))
        self.merge(self.at, 1, over, boxed=True, bold=row.bold)
        self.paper.row_dimensions[self.at].height = min(tall * _LINE_HEIGHT, 400)
        self.at += 1


def _lines(words: str, wide: float, size: int = 12) -> int:
    """How many lines some words take in a column of so many units."""
    room = max(wide * 0.92 * 12 / size, 1)
    return sum(max(1, ceil(width(part) / room)) for part in words.split("\n"))
