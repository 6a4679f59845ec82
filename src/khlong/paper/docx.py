"""A document as Word DOCX: TH SarabunPSK 16 pt, real headings, footnotes, repeated table headings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from khlong.paper.docx_xml import (
    COMPACT,
    Element,
    add_footnotes,
    border,
    dxa,
    footnote_mark,
    make_smaller,
    page_field,
    paragraph,
    prepare,
    section,
    tab_run,
    text_run,
    text_runs,
    w,
)
from khlong.paper.model import (
    Block,
    Cite,
    Clause,
    Document,
    Heading,
    Inline,
    Landscape,
    ListItem,
    Note,
    PageBreak,
    PaperError,
    Paragraph,
    Picture,
    RunsLike,
    Signature,
    Signatures,
    Table,
    Text,
    Unpublished,
)
from khlong.paper.press import (
    BED,
    HATCH,
    INK,
    LANDSCAPE_MM,
    LINE,
    PAPER2,
    PORTRAIT_MM,
    QUIET,
    STRONG,
    WASH,
    WATER,
    Grid,
    Press,
    Slot,
)
from khlong.paper.text import no_break, width

_STYLES = {"body": "Normal", "lead": "Lead", "quote": "Quote", "note": "SmallNote", "vision": "Vision"}
_TABLE_HALF_POINTS = 28


def to_docx(doc: Document) -> bytes:
    """The document as DOCX.

    Raises PaperError for a citation without source or a picture that cannot be read.
    """
    return _Writer(Press(doc)).written()


class _Writer:
    def __init__(self, press: Press) -> None:
        import docx

        self.press = press
        self.doc = press.doc
        self.file: Any = docx.Document()
        self.body: Element = self.file.element.body
        self.notes: list[list[Element]] = []
        self.room_mm = LANDSCAPE_MM if self.doc.landscape else PORTRAIT_MM
        self.references: dict[bool, list[Element]] = {}
        prepare(self.file, self.doc.lang)
        if self.doc.compact:
            make_smaller(self.file)

    def written(self) -> bytes:
        self.body.remove(self.body.sectPr)
        self.title()
        self.flow(self.doc.blocks)
        self.sources()
        self.body.append(self.section(landscape=self.doc.landscape))
        if self.notes:
            add_footnotes(self.file, self.notes, thai=self.doc.thai_digits)
        self.properties()
        out = BytesIO()
        self.file.save(out)
        return out.getvalue()

    def properties(self) -> None:
        core = self.file.core_properties
        core.title = " ".join(self.press.text(self.doc.title).split())[:255]
        core.language = "th-TH" if self.doc.lang == "th" else "en-GB"
        core.author = core.comments = core.last_modified_by = ""
        core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)

    def title(self) -> None:
        self.add(paragraph("Title", *self.runs(self.doc.title)))
        if self.doc.subtitle:
            self.add(paragraph("Subtitle", *self.runs(self.doc.subtitle)))
        self.add(paragraph("Threads"))

    def add(self, element: Element) -> None:
        self.body.append(element)

    def flow(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self.heading(block)
            case Paragraph():
                indent = [w("ind", firstLine=dxa(25))] if block.indent else []
                self.add(paragraph(_STYLES[block.style], *self.runs(block.runs), properties=indent))
            case Clause():
                self.clause(block)
            case ListItem():
                style = f"ListBullet{block.level if block.level > 1 else ''}"
                self.add(paragraph(style, *self.runs(block.runs)))
            case Table():
                self.table(block)
            case Signatures():
                self.signatures(block)
            case Picture():
                self.picture(block)
            case Landscape():
                self.landscape(block)
            case PageBreak():
                self.add(paragraph("TableEnd", w("r", w("br", type="page"))))

    def heading(self, block: Heading) -> None:
        number = self.press.text(block.number)
        before = [text_run(f"{number}  ", colour=WATER)] if number else []
        self.add(paragraph(f"Heading{block.level}", *before, *self.runs(block.runs)))

    def clause(self, block: Clause) -> None:
        number = self.press.text(block.number)
        hang = dxa(max(9.0, width(number) * 2.4 + 3.5))
        left = dxa((block.level - 1) * 9.0) + hang
        layout = [w("tabs", w("tab", val="left", pos=left)), w("ind", left=left, hanging=hang)]
        mark = text_run(number, bold=block.level == 1)
        self.add(paragraph("Clause", mark, tab_run(), *self.runs(block.runs), properties=layout))

    def landscape(self, block: Landscape) -> None:
        self.close_section(landscape=False)
        self.room_mm = LANDSCAPE_MM
        self.flow(block.blocks)
        self.close_section(landscape=True)
        self.room_mm = PORTRAIT_MM

    def close_section(self, *, landscape: bool) -> None:
        """End the section in the paragraph before; unless that is an empty table end, in a small new one."""
        last = self.body[-1] if len(self.body) else None
        if last is None or not _is_empty_end(last):
            last = paragraph("TableEnd")
            self.add(last)
        last.pPr.append(self.section(landscape=landscape))

    def section(self, *, landscape: bool) -> Element:
        """Section properties with the running lines, whose parts are made once for each way a page lies."""
        made = section(landscape=landscape, thai=self.doc.thai_digits, compact=self.doc.compact)
        if landscape not in self.references:
            self.references[landscape] = self.running_lines(landscape)
        for at, reference in enumerate(self.references[landscape]):
            made.insert(at, deepcopy(reference))
        return made

    def running_lines(self, landscape: bool) -> list[Element]:
        from docx.section import Section

        holder = section(landscape=landscape, thai=False)
        place = Section(holder, self.file.part)
        _fill(place.header, self.header())
        _fill(place.footer, self.footer(LANDSCAPE_MM if landscape else PORTRAIT_MM))
        return [child for child in holder if child.tag.endswith("Reference")]

    def header(self) -> Element:
        if not self.doc.example:
            return paragraph("Header")
        edges = w("pBdr", border("top", STRONG, 4, "dashed"), border("bottom", STRONG, 4, "dashed"))
        band = [edges, w("shd", val="clear", color="auto", fill=BED)]
        return paragraph("Header", text_run(self.press.words.example, bold=True), properties=band)

    def footer(self, room_mm: float) -> Element:
        tabs = [w("tabs", w("tab", val="right", pos=dxa(room_mm)))]
        words = [text_run(no_break(self.press.foot()))] if self.press.foot() else []
        page = [text_run(f"{self.press.words.page} "), page_field(self.doc.thai_digits)]
        return paragraph("Footer", *words, tab_run(), *page, properties=tabs)

    def runs(self, runs: RunsLike, half_points: int = 0) -> list[Element]:
        return self.ready(self.press.runs(runs), half_points)

    def ready(self, runs: Sequence[Inline], half_points: int = 0) -> list[Element]:
        return [element for run in runs for element in self.run(run, half_points)]

    def run(self, run: Inline, half_points: int) -> Iterator[Element]:
        match run:
            case Text():
                if run.text:
                    words, quiet = no_break(run.text), QUIET if run.quiet else ""
                    yield from text_runs(words, bold=run.bold, colour=quiet, half_points=half_points)
            case Unpublished():
                yield text_run(f"\u00a0{run.label}\u00a0", style="Unpublished", half_points=half_points)
            case Cite():
                yield self.cite(run.source_key, half_points)
            case Note():
                self.notes.append([])
                number = len(self.notes)
                self.notes[number - 1] = self.runs(run.runs)
                yield footnote_mark(number)

    def cite(self, key: str, half_points: int = 0) -> Element:
        mark = text_run(self.press.cite(key), style="Citation", half_points=half_points)
        return w("hyperlink", mark, anchor=f"source_{self.press.numbers[key]}", history=1)

    def table(self, table: Table) -> None:
        grid = self.press.grid(table)
        widths, shrink = self.press.widths(grid, self.room_mm)
        if caption := self.runs(table.caption):
            self.add(paragraph("Caption", *caption))
        self.add(self.grid(grid, [dxa(mm) for mm in widths], shrink))
        below = self.runs(table.note)
        if table.sources:
            below += [w("r", w("br"))] if below else []
            below += [text_run(f"{self.press.words.sources} "), *map(self.cite, table.sources)]
        self.add(paragraph("SmallNote" if below else "TableEnd", *below))

    def grid(self, grid: Grid, widths: list[int], shrink: float) -> Element:
        whole = _TABLE_HALF_POINTS * (COMPACT if self.doc.compact else 1)
        size = round(whole * shrink) if shrink < 1 or self.doc.compact else 0
        side = _side(grid, shrink)
        margins = [w(name, w=side if name in ("left", "right") else 20, type="dxa") for name in _EDGES]
        properties = w(
            "tblPr",
            w("tblW", w=sum(widths), type="dxa"),
            *([w("tblBorders", *(border(name, STRONG) for name in _ALL_EDGES))] if grid.table.grid else []),
            w("tblLayout", type="fixed"),
            w("tblCellMar", *margins),
            w(
                "tblLook",
                val="0020",
                firstRow=1,
                lastRow=0,
                firstColumn=0,
                lastColumn=0,
                noHBand=1,
                noVBand=1,
            ),
        )
        rows = (self.row(grid, at, widths, size) for at in range(len(grid.rows)))
        return w("tbl", properties, w("tblGrid", *(w("gridCol", w=one) for one in widths)), *rows)

    def row(self, grid: Grid, at: int, widths: list[int], size: int) -> Element:
        slots = {slot.col: slot for slot in grid.rows[at]}
        cells = []
        col = 0
        while col < len(widths):
            slot = slots.get(col)
            held = slot or grid.hanging(at, col)
            if held is None:
                raise PaperError(f"nothing stands in column {col + 1} of row {at + 1}")
            cells.append(self.cell(grid, held, widths, size, continued=slot is None))
            col += held.cell.colspan
        heading = [w("tblHeader")] if at < grid.heading_rows else []
        return w("tr", w("trPr", w("cantSplit"), *heading), *cells)

    def cell(self, grid: Grid, slot: Slot, widths: list[int], size: int, *, continued: bool) -> Element:
        span = slot.cell.colspan
        properties = w("tcPr", w("tcW", w=sum(widths[slot.col : slot.col + span]), type="dxa"))
        if span > 1:
            properties.append(w("gridSpan", val=span))
        if slot.cell.rowspan > 1:
            properties.append(w("vMerge") if continued else w("vMerge", val="restart"))
        if not grid.table.grid:
            properties.append(_rules(grid, slot))
        if (shade := _shade(grid, slot)) is not None:
            properties.append(shade)
        properties.append(w("vAlign", val=_upright(grid, slot)))
        content = [] if continued else self.cell_runs(grid, slot, size)
        style = "TableHeading" if slot.heading else "TableText"
        layout = [w("keepNext")] if _stays_with_next(grid, slot) else []
        layout += [w("jc", val=slot.align)] if slot.align != "left" else []
        return w("tc", properties, paragraph(style, *content, properties=layout))

    def cell_runs(self, grid: Grid, slot: Slot, size: int) -> list[Element]:
        shown = self.press.shown(slot)
        if slot.unpublished is not None:
            return [text_run(self.press.plain(shown), colour=QUIET, half_points=size)]
        if slot.heading:
            shown = tuple(self.heading_run(grid, run) for run in shown)
        return self.ready(shown, size)

    def heading_run(self, grid: Grid, run: Inline) -> Inline:
        if not isinstance(run, Text):
            return run
        return Text(no_break(run.text), bold=run.bold or grid.table.grid, quiet=run.quiet)

    def signatures(self, block: Signatures) -> None:
        across = max(1, min(3, len(block.people)))
        self.add(paragraph("TableEnd"))
        each = dxa(self.room_mm) // across
        rows = []
        for at in range(0, len(block.people), across):
            people: list[Signature | None] = [*block.people[at : at + across]]
            people += [None] * (across - len(people))
            rows.append(
                w("tr", w("trPr", w("cantSplit")), *(self.signature(person, each) for person in people))
            )
        properties = w("tblPr", w("tblW", w=each * across, type="dxa"), w("tblLayout", type="fixed"))
        self.add(w("tbl", properties, w("tblGrid", *(w("gridCol", w=each) for _ in range(across))), *rows))
        self.add(paragraph("TableEnd"))

    def signature(self, person: Signature | None, wide: int) -> Element:
        cell = w("tc", w("tcPr", w("tcW", w=wide, type="dxa")))
        if person is None:
            cell.append(paragraph("Signature"))
            return cell
        tabs = w("tabs", w("tab", val="left", leader="dot", pos=wide - 340))
        dotted = [tabs, w("spacing", before=480), w("jc", val="left")]
        cell.append(
            paragraph(
                "Signature", text_run(self.press.words.sign), tab_run(), text_run("\u00a0"), properties=dotted
            )
        )
        if person.name:
            cell.append(paragraph("Signature", text_run(f"({self.press.text(person.name)})")))
        else:
            blank = [deepcopy(tabs), w("jc", val="left")]
            cell.append(paragraph("Signature", text_run("("), tab_run(), text_run(")"), properties=blank))
        for line in filter(None, (person.position, person.place_date)):
            cell.append(paragraph("Signature", text_run(self.press.text(line))))
        return cell

    def picture(self, block: Picture) -> None:
        from docx.image.exceptions import (
            InvalidImageStreamError,
            UnexpectedEndOfFileError,
            UnrecognizedImageError,
        )
        from docx.shared import Mm

        width_mm = min(block.width_mm, self.room_mm)
        try:
            inline = self.file.part.new_pic_inline(BytesIO(_as_png(block, width_mm)), width=Mm(width_mm))
        except (InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError) as error:
            raise PaperError("a PNG picture cannot be read") from error
        inline.docPr.set("descr", self.press.text(block.alt))
        self.add(paragraph("Picture", w("r", w("drawing", inline))))
        if caption := self.runs(block.caption):
            self.add(paragraph("SmallNote", *caption))

    def sources(self) -> None:
        cited = self.press.cited_sources()
        if cited:
            self.add(paragraph("Heading2", text_run(self.press.words.sources)))
        for at, (number, source) in enumerate(cited, 1):
            words, url = self.press.source_line(source)
            mark = [
                w("bookmarkStart", id=at, name=f"source_{at}"),
                text_run(f"[{number}]"),
                w("bookmarkEnd", id=at),
            ]
            link = [text_run(" "), self.web_link(url)] if url else []
            self.add(paragraph("SourceItem", *mark, tab_run(), text_run(no_break(words)), *link))

    def web_link(self, url: str) -> Element:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml.ns import qn

        if not url.startswith(("https://", "http://")):
            return text_run(url)
        link = w("hyperlink", text_run(url, style="Hyperlink"), history=1)
        link.set(qn("r:id"), self.file.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        return link


_EDGES = ("top", "left", "bottom", "right")
_ALL_EDGES = (*_EDGES, "insideH", "insideV")


def _side(grid: Grid, shrink: float) -> int:
    return round((75 if grid.table.grid else 120) * shrink)


def _is_empty_end(element: Element) -> bool:
    return bool(element.tag.endswith("}p")) and element.style == "TableEnd" and len(element) == 1


def _fill(place: Any, content: Element) -> None:
    place.is_linked_to_previous = False
    holder = place._element
    for child in list(holder):
        holder.remove(child)
    holder.append(content)


def _rules(grid: Grid, slot: Slot) -> Element:
    """Thin rules: one above the headings, a dark one under them, light ones between rows, none upright."""
    last = slot.row + slot.cell.rowspan - 1
    if last == grid.heading_rows - 1:
        under = border("bottom", INK, 8)
    elif last < grid.heading_rows - 1:
        under = border("bottom", STRONG if slot.cell.colspan > 1 else "", 4)
    else:
        under = border("bottom", LINE, 4)
    over = [border("top", STRONG, 6)] if slot.row == 0 else []
    return w("tcBorders", *over, under)


def _stays_with_next(grid: Grid, slot: Slot) -> bool:
    """A short table stays on one page, and no table leaves its note behind."""
    last = slot.row + slot.cell.rowspan == len(grid.rows)
    return bool(grid.table.note or grid.table.sources) if last else grid.short


def _upright(grid: Grid, slot: Slot) -> str:
    if not slot.heading:
        return "top"
    return "center" if grid.table.grid else "bottom"


def _shade(grid: Grid, slot: Slot) -> Element | None:
    if slot.unpublished is not None:
        return w("shd", val="thinDiagStripe", color=HATCH, fill=PAPER2)
    if slot.cell.colspan == len(grid.table.columns) and not slot.heading:
        return w("shd", val="clear", color="auto", fill=WASH)
    return None


def _as_png(block: Picture, width_mm: float) -> bytes:
    from khlong.paper.pdf import svg_to_png

    return svg_to_png(block.data, width_mm) if block.format == "svg" else block.data
