"""The document model and what the writers share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.paper.docx import to_docx
from khlong.paper.model import (
    Cell,
    CellValue,
    Cite,
    Column,
    Document,
    Heading,
    Kind,
    Landscape,
    ListItem,
    Note,
    PaperError,
    Picture,
    Source,
    Table,
    Text,
    Unpublished,
    as_runs,
    h,
    p,
)
from khlong.paper.pdf import to_pdf
from khlong.paper.press import Press
from khlong.paper.xlsx import to_xlsx

WRITERS: list[Callable[[Document], bytes]] = [to_docx, to_pdf, to_xlsx]
A, B = Source("a", "ก"), Source("b", "ข")


def press(*blocks: Any, **about: Any) -> Press:
    return Press(Document("ชื่อ", blocks=blocks, sources=(A, B), **about))


TWO = (Column("ก"), Column("ข"))


def table(rows: Any, columns: Any = TWO, **more: Any) -> Table:
    return Table("ตาราง", tuple(columns), rows, **more)


def test_a_document_on_its_side_holds_no_section_on_its_side() -> None:
    with pytest.raises(PaperError, match="on its side"):
        Document("ชื่อ", blocks=(Landscape((p("ก"),)),), landscape=True)


@pytest.mark.parametrize("write", WRITERS)
def test_a_citation_without_source_is_refused_by_name(write: Callable[[Document], bytes]) -> None:
    with pytest.raises(PaperError, match="'tmd'"):
        write(Document("ชื่อ", blocks=(p("ฝน", Cite("tmd")),)))


def test_sources_are_numbered_by_first_citation_and_the_uncited_left_out() -> None:
    ready = press(p("x", Note(("y", Cite("b")))), table([["1", Cell("2", cites=("a", "b"))]]))
    assert ready.numbers == {"b": 1, "a": 2}
    assert [source.key for _, source in ready.cited_sources()] == ["b", "a"]
    assert press(p("ไม่มี")).cited_sources() == []


def test_sources_of_headings_captions_notes_and_landscape_pages_count() -> None:
    inside = table([["", ""]], note=("ดู", Cite("a")))
    assert press(Landscape((inside,)), h(1, "หัว", Cite("b"))).numbers == {"a": 1, "b": 2}
    assert press(table([["", ""]], sources=("b", "a"))).numbers == {"b": 1, "a": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Heading(5, "x"),
        lambda: ListItem("x", 4),
        lambda: Cell("x", colspan=0),
        lambda: Picture(b"", "png", 10, alt=" "),
        lambda: Landscape((Landscape(()),)),
        lambda: Document(" "),
        lambda: Document("x", lang="de"),  # type: ignore[arg-type]
        lambda: Document("x", sources=(A, A)),
        lambda: press(p(Note(Note("x")))).runs(Note(Note("x"))),
    ],
)
def test_what_cannot_be_printed_is_refused_when_it_is_made(wrong: Callable[[], object]) -> None:
    with pytest.raises(PaperError):
        wrong()


def test_strings_and_single_values_are_runs() -> None:
    assert as_runs("ก") == as_runs(["ก"]) == as_runs(Text("ก")) == (Text("ก"),)


def test_no_space_is_left_before_a_raised_mark() -> None:
    assert press().plain(("ฝน ", Text("ตก "), Unpublished())) == "ฝน ตก ยังไม่เผยแพร่"
    assert press(p(Cite("a"))).plain(("ฝน ", Cite("a"), " หนัก")) == "ฝน[1] หนัก"


@pytest.mark.parametrize(
    ("kind", "value", "printed"),
    [
        ("number", 1234567, "1,234,567"),
        ("number", 0.5, "0.5"),
        ("number", 1234.25, "1,234.25"),
        ("number", Decimal("6.680"), "6.680"),
        ("number", "19 ชั่วโมง", "19 ชั่วโมง"),
        ("money", 345000000, "3,450,000"),
        ("money", -5, "-0.05"),
        ("money", 123456, "1,234.56"),
        ("text", 2566, "2566"),
        ("text", None, ""),
    ],
)
def test_a_value_is_printed_as_its_column_asks(kind: Kind, value: CellValue, printed: str) -> None:
    assert press().plain(press().value_runs(value, Column("x", kind=kind))) == printed


def test_money_that_is_not_whole_satang_is_refused() -> None:
    with pytest.raises(PaperError, match="satang"):
        press().value_runs(1.5, Column("x", kind="money"))


def test_days_are_printed_in_the_language_and_digits_of_the_document() -> None:
    from datetime import date

    day = Column("x", kind="date")
    thai = press(thai_digits=True)
    assert thai.plain(thai.value_runs(date(2025, 11, 27), day)) == "๒๗ พ.ย. ๒๕๖๘"
    english = press(lang="en")
    assert "2025" in english.plain(english.value_runs(date(2025, 11, 27), day))


def test_columns_of_a_group_share_one_heading_and_the_others_reach_down() -> None:
    columns = (Column("ที่"), Column("2566", group="งบ"), Column("2567", group="งบ"), Column("หน่วย"))
    grid = press().grid(table([["1", "2", "3", "4"]], columns))
    top = [(slot.cell.value, slot.cell.colspan, slot.cell.rowspan) for slot in grid.rows[0]]
    assert top == [("ที่", 1, 2), ("งบ", 2, 1), ("หน่วย", 1, 2)]
    assert [slot.col for slot in grid.rows[1]] == [1, 2]
    assert grid.heading_rows == 2


def test_heading_rows_beyond_the_labels_are_taken_from_the_rows() -> None:
    grid = press().grid(table([["(1)", "(2)"], ["ก", "ข"]], header_rows=2))
    assert [slot.heading for row in grid.rows for slot in row] == [True] * 4 + [False] * 2


@pytest.mark.parametrize("row", [["1"], ["1", "2", "3"], [Cell("1", colspan=3)], [Cell("1", rowspan=2), "2"]])
def test_a_row_that_does_not_fill_the_columns_is_refused_with_its_table(row: list[CellValue]) -> None:
    with pytest.raises(PaperError, match="ตาราง"):
        press().grid(table([row]))


@given(st.lists(st.lists(st.text(max_size=60), min_size=4, max_size=4), min_size=1, max_size=5))
def test_column_widths_always_fill_the_room(rows: list[list[str]]) -> None:
    ready = press()
    grid = ready.grid(table(rows, [Column("ก", 20), *(Column(x) for x in "ขคง")]))
    widths, shrink = ready.widths(grid, 160)
    assert sum(widths) == pytest.approx(160)
    assert min(widths) > 0
    assert 0.7 <= shrink <= 1


def test_a_money_column_is_wide_enough_for_its_longest_figure() -> None:
    ready = press()
    words = "คำยาว " * 60
    grid = ready.grid(table([[words, 3_450_000_00]], [Column("ก"), Column("ข", kind="money")]))
    assert ready.widths(grid, 160)[0][1] >= len("3,450,000") * 2


def test_importing_the_room_loads_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys, khlong.paper.docx, khlong.paper.pdf, khlong.paper.xlsx;"
        "print([m for m in ('docx', 'openpyxl', 'typst', 'lxml', 'fontTools', 'django') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
