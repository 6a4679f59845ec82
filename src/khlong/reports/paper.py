"""The logframe on paper, in the columns of Annex E3d of the European Union's grants.

The headings stand letter for letter as the annex has them; in a Thai document the Thai stands beneath.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import override

from khlong.paper.model import Cell, Column, Document, Paragraph, Row, Table, Unpublished, p
from khlong.reports.models import ResultLevel
from khlong.reports.queries import Chapter, Frame
from khlong.reports.queries import Row as Line
from khlong.strategy.models import Indicator
from khlong.thai.dates import format_date
from khlong.thai.spans import BE_OFFSET

Lang = Literal["th", "en"]
FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
LEVELS = {
    ResultLevel.IMPACT: ("Impact", "ผลกระทบ"),
    ResultLevel.OUTCOME: ("Outcome(s)", "ผลลัพธ์"),
    ResultLevel.OUTPUT: ("Outputs", "ผลผลิต"),
}
COLUMNS = (
    ("Level", "ระดับ", 20),
    ("Results chain", "สายผลลัพธ์", 46),
    ("Indicator", "ตัวชี้วัด", 40),
    ("Baseline (value & year)", "ค่าฐาน (ค่าและปี)", 27),
    ("Target (value & year)", "ค่าเป้าหมาย (ค่าและปี)", 27),
    ("Current value (year)", "ค่าปัจจุบัน (ปี)", 27),
    ("Source and mean of verification", "แหล่งข้อมูลและแหล่งตรวจสอบ", 38),
    ("Assumptions", "ข้อสมมติ", 34),
)
"""English heading, Thai heading, width in millimetres."""


def written(document: Document, kind: str) -> bytes:
    """A document in one of FORMATS; the library is loaded now, not before."""
    write: Callable[[Document], bytes]
    if kind == "docx":
        from khlong.paper.docx import to_docx as write
    elif kind == "xlsx":
        from khlong.paper.xlsx import to_xlsx as write
    elif kind == "pdf":
        from khlong.paper.pdf import to_pdf as write
    else:
        raise KeyError(kind)
    return write(document)


def document_of(frame: Frame, lang: Lang, where: str = "") -> Document:
    """The logframe with the values of its period. Levels without a result say that nothing is published."""
    with override(lang):
        programme = frame.logframe.programme
        rows = [row for level, chapters in frame.levels for row in _level(level, chapters, lang)]
        return Document(
            title=_("Logframe"),
            lang=lang,
            subtitle=" · ".join(filter(None, (str(programme.name), where, _period_words(frame, lang)))),
            blocks=(_table(rows, lang), p(_years(lang)), *_notes(frame, lang)),
            landscape=True,
            example=frame.logframe.node.is_example,
            footer=str(programme.name),
            generated=_("Printed from Khlong on %(day)s") % {"day": format_date(date.today(), lang)},
        )


def _table(rows: list[Row], lang: Lang) -> Table:
    columns = tuple(Column(_heading(en, th, lang), width) for en, th, width in COLUMNS)
    return Table(caption="Annex E3d", columns=columns, rows=rows, grid=True)


def _heading(english: str, thai: str, lang: Lang) -> str:
    return f"{english}\n{thai}" if lang == "th" else english


def _level(level: ResultLevel, chapters: list[Chapter], lang: Lang) -> list[Row]:
    name = _heading(*LEVELS[level], lang)
    if not chapters:
        return [(Cell(name, bold=True), Cell(Unpublished(), colspan=7))]
    rows = []
    for at, chapter in enumerate(chapters):
        rows += _chapter(name if not at else "", chapter, level, lang)
    return rows


def _chapter(name: str, chapter: Chapter, level: ResultLevel, lang: Lang) -> list[Row]:
    result = chapter.result
    text = " ".join(filter(None, (result.code, result.text)))
    assumed = _("n/a") if level == ResultLevel.IMPACT else result.assumptions or "–"
    if not chapter.rows:
        none = Cell(_("No indicator yet"), colspan=5)
        return [(Cell(name, bold=True), Cell(text), none, Cell(assumed))]
    heads = [(name, text, assumed)] + [("", "", "")] * (len(chapter.rows) - 1)
    return [
        (Cell(level_, bold=True), Cell(chain), *_line(row, lang), Cell(assumption))
        for (level_, chain, assumption), row in zip(heads, chapter.rows, strict=True)
    ]


def _line(row: Line, lang: Lang) -> tuple[Cell, ...]:
    one: Indicator = row.line.indicator
    year = f" ({row.year + BE_OFFSET * (lang == 'th')})" if row.year else ""
    current = _("no value in the period") if row.value is None else number(row.value) + year
    current = _("not published yet") if row.withheld else current
    current = _("fewer than five people") if row.few else current
    return (
        Cell(f"{one.name} ({one.unit})"),
        Cell(_with_year(one.baseline, one.baseline_year, lang)),
        Cell(_with_year(one.target, one.target_year, lang)),
        Cell(current),
        Cell(one.means or "–"),
    )


def number(value: Decimal | None) -> str:
    """A value as it is read: thousands parted, no nought behind the point."""
    return "–" if value is None else f"{value.normalize():,f}"


def _with_year(value: Decimal | None, year_be: int | None, lang: Lang) -> str:
    year = year_be if lang == "th" or year_be is None else year_be - BE_OFFSET
    return number(value) + (f" ({year})" if year else "") if value is not None else "–"


def _period_words(frame: Frame, lang: Lang) -> str:
    period = frame.period
    if period is None:
        return ""
    days = f"{format_date(period.begins, lang)} – {format_date(period.ends, lang)}"
    return f"{period.name} ({days})"


def _years(lang: Lang) -> str:
    return (
        _("Years are in the Buddhist era (BE).") if lang == "th" else _("Years are in the Common Era (CE).")
    )


def _notes(frame: Frame, lang: Lang) -> list[Paragraph]:
    period = frame.period
    if period is None:
        return []
    if period.frozen_at is None:
        return [p(_("These values are not frozen yet: they are what the records give today."))]
    day = format_date(period.frozen_at.date(), lang)
    notes = [p(_("The values were frozen on %(day)s.") % {"day": day})]
    if moved := [row for row in frame.rows if row.tells_now]:
        words = "; ".join(
            f"{row.line.indicator.name}: {number(row.value)} → {number(row.now.value)}" for row in moved
        )
        notes.append(p(_("The records say otherwise by now: %(which)s") % {"which": words}))
    return notes
