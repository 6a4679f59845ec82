"""Minutes as รายงานการประชุม, in the order of form 11 of the regulation on official correspondence.

The headings stand as the form has them. The six items of the agenda and the closing lines are custom rather
than regulation, and every office keeps them; an item without words says that there is none. Places for
names are dots: who sat there is written in by hand, since Khlong keeps no list of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, time

from django.utils.translation import override

from khlong.chain.policies import READERS
from khlong.network.counts import line
from khlong.network.models import AgendaItem, Attendance, Minutes
from khlong.paper.model import Block, Document, Paragraph, Signature, Signatures, Text, h, li, p
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.thai.dates import format_date, format_span

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
AGENDA = (
    "เรื่องที่ประธานแจ้งให้ที่ประชุมทราบ",
    "เรื่องรับรองรายงานการประชุม",
    "เรื่องสืบเนื่อง",
    "เรื่องเสนอเพื่อทราบ",
    "เรื่องเสนอเพื่อพิจารณา",
    "เรื่องอื่น ๆ (ถ้ามี)",
)
PRESENT, ABSENT, OBSERVERS = "ผู้มาประชุม", "ผู้ไม่มาประชุม (ถ้ามี)", "ผู้เข้าร่วมประชุม (ถ้ามี)"
DOTS = "." * 40


def written(document: Document, kind: str) -> bytes:
    """A document in one of FORMATS; the library is loaded now, not before."""
    write: Callable[[Document], bytes]
    if kind == "docx":
        from khlong.paper.docx import to_docx as write
    elif kind == "pdf":
        from khlong.paper.pdf import to_pdf as write
    else:
        raise KeyError(kind)
    return write(document)


def minutes_document(minutes: Minutes, actor: Actor, *, thai_digits: bool = False) -> Document:
    """The minutes in Thai as far as the actor may read them; numbers under five only for who works there."""
    meeting = minutes.meeting
    whole = actor.is_steward or actor.holds(meeting.space_id, *READERS)
    rows = list(
        scope(actor, Attendance.objects.filter(meeting=meeting).select_related("group", "organisation"))
    )
    with override("th"):
        blocks = (
            *_head(minutes),
            *_people(rows, whole=whole),
            p(f"เริ่มประชุมเวลา {_time(minutes.begun)} น.", indent=True),
            *_agenda(minutes),
            p(f"เลิกประชุมเวลา {_time(minutes.ended)} น.", indent=True),
            Signatures((Signature(position="ผู้จดรายงานการประชุม"), Signature(position="ผู้ตรวจรายงานการประชุม"))),
        )
        return Document(
            title=f"รายงานการประชุม{minutes.body}",
            subtitle=_number(minutes),
            thai_digits=thai_digits,
            blocks=blocks,
            example=meeting.node.is_example,
            footer=f"รายงานการประชุม{minutes.body}",
            generated=f"พิมพ์จากคลองเมื่อ {format_date(date.today(), 'th')}"
            + ("" if minutes.is_approved else " · ยังไม่ได้รับรอง"),
        )


def _number(minutes: Minutes) -> str:
    number = str(minutes.number) if minutes.number else "......"
    year = str(minutes.year) if minutes.year else "......"
    return f"ครั้งที่ {number}/{year}"


def _head(minutes: Minutes) -> Iterable[Block]:
    meeting = minutes.meeting
    when = format_span(meeting.date, "th") if meeting.date else DOTS
    yield p(f"เมื่อวันที่ {when} เวลา {_time(minutes.begun)} น.")
    yield p(f"ณ {meeting.place_th or DOTS}")


def _time(clock: time | None) -> str:
    return f"{clock.hour:02d}.{clock.minute:02d}" if clock else "........"


def _people(rows: list[Attendance], *, whole: bool) -> Iterable[Block]:
    """Who came and who did not, by group and organisation; no one is named."""
    came = [row for row in rows if row.presence == "came"]
    away = [row for row in rows if row.presence != "came"]
    yield h(2, PRESENT)
    yield from ([_came(row, whole=whole) for row in came] or [p(DOTS)])
    yield h(2, ABSENT)
    yield from ([_away(row) for row in away] or [p("–")])
    yield h(2, OBSERVERS)
    yield p("–")


def _came(row: Attendance, *, whole: bool) -> Block:
    read = line(row, whole=whole)
    parts = f" ({read.parts})" if read.parts else ""
    return li(f"{row.name}: {read.attended}{parts}")


def _away(row: Attendance) -> Block:
    words = "ลาประชุม" if row.presence == "apologies" else "ไม่มาประชุม"
    return li(f"{row.name} ({words}{': ' + row.reason if row.reason else ''})")


def _agenda(minutes: Minutes) -> Iterable[Block]:
    items: dict[int, list[AgendaItem]] = {}
    for item in minutes.items.all():
        items.setdefault(item.section, []).append(item)
    for number, words in enumerate(AGENDA, start=1):
        yield h(2, f"ระเบียบวาระที่ {number} {words}")
        for item in items.get(number, []):
            yield from _item(item)
        if number == 5:
            yield from _decisions(minutes)
        elif number not in items:
            yield p("ไม่มี", indent=True)


def _item(item: AgendaItem) -> Iterable[Block]:
    if item.title:
        yield p(Text(item.title, bold=True))
    yield from (p(paragraph, indent=True) for paragraph in item.text.splitlines() if paragraph.strip())
    if item.resolution:
        yield _resolved(item.resolution)


def _resolved(words: str) -> Paragraph:
    return p(Text("มติที่ประชุม ", bold=True), words, indent=True)


def _decisions(minutes: Minutes) -> Iterable[Block]:
    rows = minutes.decisions.select_related("organisation__node", "work_group__node")
    for row in rows:
        who = f" ผู้รับผิดชอบ {row.responsible}" if row.responsible else ""
        due = f" ภายในวันที่ {format_date(row.due, 'th')}" if row.due else ""
        yield _resolved(f"({row.number}) {row.text}{who}{due}")
