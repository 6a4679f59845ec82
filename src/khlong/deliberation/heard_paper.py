"""ผลการรับฟัง as a document: who was heard, and each suggestion with its answer, in Thai."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from math import ceil

from django.db.models import QuerySet
from django.utils.translation import override

from khlong.deliberation.heard import Heard, Table, who_was_heard
from khlong.deliberation.models import Answer, Round, Suggestion, Voice
from khlong.deliberation.standing import DAYS_TO_ANSWER, due, last_answer, with_answers
from khlong.paper.model import Block, Cell, Column, Document, Row, Text, h, li, p
from khlong.paper.model import Table as PaperTable
from khlong.paper.text import clean, missing_glyphs
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.thai.dates import format_date

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
IN_OTHER_LETTERS = "คำเดิมเขียนด้วยอักษรที่ไฟล์ PDF พิมพ์ไม่ได้ อ่านคำเดิมได้ในไฟล์ Word"
PER_FILE = 300
"""Suggestions in one document: more come as further parts, so that none takes long."""


def number_of_parts(suggestions: int) -> int:
    return max(1, ceil(suggestions / PER_FILE))


def parts_of(found: Round) -> int:
    """In how many parts a round is printed."""
    return number_of_parts(Suggestion.objects.filter(round=found, hidden_on=None).count())


def heard_file_of(
    found: Round, kind: str, actor: Actor, *, part: int = 1, thai_digits: bool = False
) -> bytes:
    """One part of the document in one of FORMATS. Raises KeyError for another format."""
    write = _writer(kind)
    with override("th"):
        made = heard_document(found, actor, part=part, thai_digits=thai_digits, pdf=kind == "pdf")
        return write(made)


def _writer(kind: str) -> Callable[[Document], bytes]:
    write: Callable[[Document], bytes]
    if kind == "docx":
        from khlong.paper.docx import to_docx as write
    elif kind == "pdf":
        from khlong.paper.pdf import to_pdf as write
    else:
        raise KeyError(kind)
    return write


def heard_document(
    found: Round, actor: Actor, *, part: int = 1, thai_digits: bool = False, pdf: bool = False
) -> Document:
    """The first part begins with who was heard; all list suggestions in the order of the passages.

    `pdf`: words in letters that its font lacks are named instead of printed; Word prints them.
    """
    parts = parts_of(found)
    with override("th"):
        read = who_was_heard(found) if part == 1 else None
        blocks = (*(_opening(read) if read else ()), *_suggestions(_listed(found, actor, part), pdf=pdf))
        return Document(
            title=f"ผลการรับฟัง {found.name_th}",
            subtitle=f"ส่วนที่ {part} จาก {parts}" if parts > 1 else "",
            thai_digits=thai_digits,
            blocks=blocks,
            example=found.node.is_example,
            footer=f"{found.plan.name_th} ฉบับที่ {found.version.number} · {found.ref}",
            generated=f"พิมพ์จากคลองเมื่อ {format_date(date.today(), 'th')}",
        )


def _listed(found: Round, actor: Actor, part: int) -> QuerySet[Suggestion]:
    rows = with_answers(scope(actor, Suggestion.objects.filter(round=found, hidden_on=None)))
    begin = (part - 1) * PER_FILE
    return rows.order_by("item__order", "item", "start", "node__ref")[begin : begin + PER_FILE]


def _opening(read: Heard) -> Iterable[Block]:
    found, figured = read.found, read.figures
    ends = found.closed_early_on or found.closes_on
    yield p(f"รับฟังตั้งแต่วันที่ {format_date(found.opens_on, 'th')} ถึง {format_date(ends, 'th')}")
    yield p(f"ต้องตอบทุกข้อภายในวันที่ {format_date(due(found), 'th')} ({DAYS_TO_ANSWER} วันหลังปิดรอบ)")
    yield p(f"มีผู้พูดถึงแผนนี้ {figured.made} ข้อ ตอบแล้ว {figured.answered} ข้อ ค้างตอบ {figured.owed} ข้อ")
    if figured.judged:
        yield p(f"ผู้เสนอกลับมาดูคำตอบแล้ว {figured.judged} ข้อ และบอกว่าตรง {figured.answers} ข้อ")
    yield h(2, "ระดับการมีส่วนร่วมที่ให้คำมั่น และสิ่งที่เกิดขึ้น")
    for step in read.promises:
        mark = "ให้คำมั่นไว้" if step.promised else "ไม่ได้ให้คำมั่นไว้"
        yield li(Text(f"{step.name} ({mark}) ", bold=True), f"{step.promise} → {step.happened}")
    yield h(2, "ได้ฟังใครแล้วบ้าง")
    yield _table(read.groups, "กลุ่ม")
    if read.groups.silent:
        yield p(Text("ยังไม่ได้ฟัง: ", bold=True), ", ".join(line.name for line in read.groups.silent))
    yield _table(read.passages, "ข้อความในแผน")
    if read.passages.silent:
        yield p(Text("ยังไม่มีใครพูดถึง: ", bold=True), ", ".join(line.name for line in read.passages.silent))
    yield h(2, "ข้อเสนอแนะและคำตอบ")


def _table(table: Table, name: str) -> PaperTable:
    columns = (
        Column(name),
        *(Column(str(label), align="right") for _value, label in Voice.choices),
        Column("ได้ฟังแล้ว (คน)", align="right"),
    )
    rows: list[Row] = [
        [line.name, *map(_cell, line.cells), _cell(line.people)] for line in (*table.heard, table.total)
    ]
    note = "ไม่ทราบจำนวนทั้งหมดของแต่ละกลุ่ม จึงไม่คิดเป็นร้อยละ"
    hides = " · “ไม่แสดง” คือน้อยกว่า 5 คน หรือตัวเลขที่ใช้คำนวณย้อนได้" if table.hides else ""
    return PaperTable(caption=f"ได้ฟังแล้ว แยกตาม{name}", columns=columns, rows=rows, note=note + hides)


def _cell(number: int | None) -> Cell:
    return Cell("ไม่แสดง" if number is None else f"{number:,}", align="right")


def _suggestions(rows: Iterable[Suggestion], *, pdf: bool) -> Iterable[Block]:
    item = None
    for row in rows:
        if row.item_id != item:
            item = row.item_id
            yield h(3, row.item.node.title_th, number=row.item.ref)
        yield from _suggestion(row, pdf=pdf)


def _suggestion(row: Suggestion, *, pdf: bool) -> Iterable[Block]:
    late = "" if row.in_time else " · มาหลังปิดรอบ"
    yield p(Text(f"{row.ref} ", bold=True), f"{row.get_voice_display()}{late}")
    if row.words:
        if pdf and missing_glyphs(clean(row.words)):
            yield p(IN_OTHER_LETTERS, style="note")
        else:
            yield p(f"“{row.words}”", style="quote")
        if row.translation_th:
            yield p(f"แปลเป็นไทย: {row.translation_th}", style="note")
    if row.instead:
        yield p(f"ขอให้เปลี่ยน “{row.quote}” เป็น “{row.instead}”", indent=True)
    answer = last_answer(row)
    yield from _answer(answer) if answer else (p(Text("ยังไม่ได้ตอบ", bold=True), indent=True),)


def _answer(answer: Answer) -> Iterable[Block]:
    yield p(
        Text(f"{answer.get_outcome_display()} ", bold=True),
        answer.reason_th,
        Text(f" ({answer.by}, {format_date(answer.on, 'th')})", quiet=True),
        indent=True,
    )
    if answer.with_other:
        yield p(f"รวมกับ {answer.with_other.ref}", style="note")
    if answer.decision:
        yield p(f"ตกลงกันใน {answer.decision.minutes.meeting.title}: {answer.decision}", style="note")
    if answer.changed:
        yield p(Text("ข้อความใหม่: ", bold=True), answer.changed.text, indent=True)
