"""An official table form as Word DOCX: A4 on its side, the code top right, headings that repeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from khlong.paper.docx_xml import Element, border, dxa, page_field, paragraph, prepare, tab_run, text_run, w
from khlong.paper.official import (
    CHANGED,
    FILL,
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

WIDE_MM, HIGH_MM, MARGIN_MM = 297.0, 210.0, 12.0
ROOM_MM = WIDE_MM - 2 * MARGIN_MM
TITLE, LINE, CELL = 32, 28, 22
"""Half-points: titles 16 pt, lines above the table 14 pt, the table 11 pt."""
SIDE_MM = 0.9
"""What a cell keeps free at its left and at its right."""
INK = "000000"


def to_form_docx(sheets: Sequence[FormSheet], *, title: str, thai_digits: bool = False) -> bytes:
    """The sheets as one Word document, each beginning on a page of its own."""
    return _Writer(thai_digits).written(sheets, title)


class _Writer:
    def __init__(self, thai: bool) -> None:
        import docx

        self.thai, self.text = thai, digits(thai)
        self.file: Any = docx.Document()
        prepare(self.file, "th")
        for gone in list(self.file.element.body)[:-1]:
            self.file.element.body.remove(gone)

    def written(self, sheets: Sequence[FormSheet], title: str) -> bytes:
        for number, sheet in enumerate(sheets):
            self.page(self.section(number), sheet)
            self.sheet(sheet)
        core = self.file.core_properties
        core.title, core.language = title[:255], "th-TH"
        core.author = core.comments = core.last_modified_by = ""
        core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)
        out = BytesIO()
        self.file.save(out)
        return out.getvalue()

    def section(self, number: int) -> Any:
        from docx.enum.section import WD_SECTION

        return self.file.sections[0] if number == 0 else self.file.add_section(WD_SECTION.NEW_PAGE)

    def page(self, section: Any, sheet: FormSheet) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(WIDE_MM), Mm(HIGH_MM)
        section.left_margin = section.right_margin = Mm(MARGIN_MM)
        section.top_margin, section.bottom_margin = Mm(18), Mm(15)
        section.header_distance = section.footer_distance = Mm(8)
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        self.only(section.header, self.line(sheet.code, "right", bold=True, size=LINE))
        middle, right = w("tab", val="center", pos=dxa(ROOM_MM / 2)), w("tab", val="right", pos=dxa(ROOM_MM))
        words = " · ".join(filter(None, (sheet.footer, sheet.example)))
        foot = [tab_run(), text_run(self.text(words), half_points=CELL), tab_run(), self.number()]
        self.only(section.footer, paragraph("Normal", *foot, properties=[w("tabs", middle, right)]))

    def number(self) -> Element:
        """The page number, as small as the rest of the foot."""
        made = page_field(self.thai)
        for run in list(made):
            made.replace(run, text_run("๑" if self.thai else "1", half_points=CELL))
        return made

    @staticmethod
    def only(part: Any, element: Element) -> None:
        for child in list(part._element):
            part._element.remove(child)
        part._element.append(element)

    def add(self, element: Element) -> None:
        self.file.element.body.sectPr.addprevious(element)

    def line(
        self,
        words: str,
        align: str,
        *,
        bold: bool = False,
        size: int = CELL,
        indent: int = 0,
        with_next: bool = False,
    ) -> Element:
        shape = [w("keepNext")] if with_next else []
        shape.append(w("spacing", before=0, after=0, line=240, lineRule="auto"))
        if indent:
            shape.append(w("ind", left=indent * 20))
        shape.append(w("jc", val=align))
        run = text_run(self.text(words), bold=bold, half_points=size)
        return paragraph("Normal", run, properties=shape)

    def sheet(self, sheet: FormSheet) -> None:
        if sheet.example:
            self.add(self.line(sheet.example, "center", bold=True, size=LINE))
        for words in sheet.titles:
            self.add(self.line(words, "center", bold=True, size=TITLE))
        for block in sheet.blocks:
            for indent, words in block.lines:
                self.add(self.line(words, "left", size=LINE, indent=indent, with_next=True))
            self.add(self.table(sheet, block))
            self.add(self.line("", "left", size=8))

    # the table

    def table(self, sheet: FormSheet, block: FormBlock) -> Element:
        points, sides = CELL / 2, 2 * SIDE_MM + 0.4
        widths = [dxa(mm) for mm in widths_mm(sheet, ROOM_MM, points, sides)]
        edges = [border(side, INK) for side in ("top", "left", "bottom", "right", "insideH", "insideV")]
        made = w(
            "tbl",
            w(
                "tblPr",
                w("tblW", w=sum(widths), type="dxa"),
                w("tblBorders", *edges),
                w("tblLayout", type="fixed"),
                w("tblCellMar", *(w(side, w=dxa(SIDE_MM), type="dxa") for side in ("left", "right"))),
            ),
            w("tblGrid", *(w("gridCol", w=width) for width in widths)),
        )
        for words in block.bands:
            made.append(self.row([self.cell(words, sum(widths), span=len(widths), bold=True)], head=True))
        for row in self.head_rows(sheet, widths):
            made.append(row)
        for line in block.rows:
            made.append(self.body_row(sheet, line, widths))
        return made

    def row(self, cells: Sequence[Element], *, head: bool = False) -> Element:
        return w("tr", w("trPr", w("cantSplit"), *([w("tblHeader")] if head else [])), *cells)

    def head_rows(self, sheet: FormSheet, widths: list[int]) -> list[Element]:
        laid = heads(sheet.columns)
        first, under = [], []
        for words, at, span, high in laid.first:
            wide = sum(widths[at : at + span])
            merged = "restart" if high > 1 else ""
            first.append(self.heading(words, wide, span=span, merge=merged))
            if laid.rows > 1 and high > 1:
                under.append((at, self.cell("", wide, merge="continue", fill=FILL)))
        for words, at in laid.second:
            under.append((at, self.heading(words, widths[at])))
        rows = [self.row(first, head=True)]
        if laid.rows > 1:
            rows.append(
                self.row([cell for _at, cell in sorted(under, key=lambda found: found[0])], head=True)
            )
        return rows

    def heading(self, words: str, width: int, *, span: int = 1, merge: str = "") -> Element:
        return self.cell(words, width, span=span, merge=merge, align="center", bold=True, fill=FILL)

    def body_row(self, sheet: FormSheet, line: FormRow | Band, widths: list[int]) -> Element:
        if isinstance(line, Band):
            return self.row([self.cell(line.words, sum(widths), span=len(widths), bold=True)])
        over = line.label_over
        cells = [self.value(line.cells[0], sum(widths[:over]), span=over, bold=line.bold, first=over == 1)]
        cells += [
            self.value(value, width, bold=line.bold, fill=CHANGED if at in line.changed else "")
            for at, (value, width) in enumerate(zip(line.cells[1:], widths[over:], strict=True), 1)
        ]
        return self.row(cells)

    def value(
        self,
        value: CellValue,
        width: int,
        *,
        span: int = 1,
        bold: bool = False,
        first: bool = False,
        fill: str = "",
    ) -> Element:
        align = align_of(value, first=first)
        return self.cell(printed(value), width, span=span, align=align, bold=bold, fill=fill)

    def cell(
        self,
        words: str,
        width: int,
        *,
        span: int = 1,
        merge: str = "",
        align: str = "left",
        bold: bool = False,
        fill: str = "",
    ) -> Element:
        shape = [w("tcW", w=width, type="dxa")]
        if span > 1:
            shape.append(w("gridSpan", val=span))
        if merge:
            shape.append(w("vMerge", val=merge))
        if fill:
            shape.append(w("shd", val="clear", color="auto", fill=fill))
        shape.append(w("vAlign", val="center" if fill == FILL else "top"))
        return w("tc", w("tcPr", *shape), self.line(words, align, bold=bold))
