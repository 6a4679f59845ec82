"""Sheets of paper on which somebody writes at a passage: its words, room to write, and the receipt to tear off.

The receipt of a sheet follows from its number, so the slip can be torn off before anybody types the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import override

from khlong.deliberation import receipts
from khlong.deliberation.models import Round
from khlong.deliberation.promises import promise
from khlong.deliberation.suggesting import sheet_key
from khlong.paper.model import Block, Cell, Column, Document, PageBreak, Table, b, h, p
from khlong.paper.pdf import to_pdf
from khlong.strategy.models import VersionEntry
from khlong.thai.dates import format_date

LINE = "." * 112
LINES = 5
BOX = "(    )"


def sheets_file(found: Round, entry: VersionEntry, consent: str, numbers: range, address: str) -> bytes:
    """Sheets with these numbers as one PDF; the same numbers give the same receipts."""
    with override("th"):
        blocks: list[Block] = []
        for number in numbers:
            if blocks:
                blocks.append(PageBreak())
            blocks += _sheet(found, entry, consent, str(number), address)
        return to_pdf(
            Document(
                title=f"ข้อเสนอแนะต่อ{found.plan.name_th}",
                subtitle=found.name_th,
                blocks=tuple(blocks),
                example=found.node.is_example,
                footer=f"{found.ref} {entry.item.ref}",
                compact=True,
            )
        )


def _sheet(found: Round, entry: VersionEntry, consent: str, number: str, address: str) -> Iterable[Block]:
    code = receipts.code_for(sheet_key(found.pk, entry.item_id, number))
    yield h(2, f"ใบที่ {number}")
    yield p(f"{found.name_th} · ส่งภายในวันที่ {format_date(found.ends_on, 'th')}")
    yield p(entry.revision.text, style="quote")
    yield p(b("ขีดเส้นใต้คำที่พูดถึง แล้วเลือกหนึ่งข้อ  "), f"{BOX} เสนอให้แก้  {BOX} ถาม  {BOX} คัดค้าน  {BOX} สนับสนุน")
    yield p(b("ควรเป็นว่า"))
    yield from (p(LINE) for _line in range(2))
    yield p(b("เหตุผล คำถาม หรือเรื่องที่พบมา"), " (ไม่ต้องเขียนชื่อใคร)")
    yield from (p(LINE) for _line in range(LINES))
    groups = [group.name_th for group in found.plan.city.groups.all()]
    if groups:
        yield p(b("กลุ่มของคุณ (ไม่บอกก็ได้)  "), "  ".join(f"{BOX} {name}" for name in groups))
    yield p(f"{BOX} {consent}", style="note")
    yield p(str(promise(found.level)), style="note")
    yield _slip(found, entry, number, code, address)


def _slip(found: Round, entry: VersionEntry, number: str, code: str, address: str) -> Block:
    where = f"{address.rstrip('/')}{reverse('deliberation:receipt')}"
    return Table(
        f"ฉีกส่วนนี้เก็บไว้ · ใบที่ {number} · {entry.item.ref}",
        (Column("เลขรับของคุณ", width_mm=70), Column("ดูคำตอบได้ที่")),
        [
            [
                Cell(receipts.shown(code), bold=True),
                f"{where} พิมพ์เลข 12 หลักนี้ หรือถามคณะทำงานด้วยเลขนี้ หลังวันที่ {format_date(found.ends_on, 'th')}",
            ]
        ],
        grid=True,
    )
