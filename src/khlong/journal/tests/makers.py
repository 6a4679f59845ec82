"""Reports for tests, made through the room's own actions."""

from __future__ import annotations

from typing import Any

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.journal.actions import save_report
from khlong.journal.models import Report
from khlong.journal.photos import Photo
from khlong.network.tests.makers import SYSTEM
from khlong.people.actor import Actor
from khlong.record.files import File, keep_file
from khlong.record.tests import drawn
from khlong.thai.dates import Span

TEXT = """ชาวบ้านริมคลองตงขุดลอกคลองด้วยกันสองวัน

# สิ่งที่ทำ
- ตัดไม้ที่ล้มขวางน้ำ
- วัดระดับน้ำหน้าตลาด

> น้ำลงเร็วกว่าปีที่แล้วครึ่งวัน"""


def photo_of(file: File, alt: str = "ชาวบ้านยืนอยู่ริมคลอง", **more: str) -> dict[str, str]:
    return Photo(str(file.pk), alt, **more).plain()


def keep_photo(actor: Actor, space: Node, size: tuple[int, int] = (800, 600), name: str = "คลอง.jpg") -> File:
    return keep_file(actor, drawn.upload(drawn.jpeg(size, gps=True), name), space=space.pk)


def make_report(space: Node, name: str = "ขุดลอกคลองตง", actor: Actor = SYSTEM, **more: Any) -> Report:
    """A public report, or with visibility= another."""
    links = {key: more.pop(key, []) for key in ("organisers", "cities")}
    visibility = more.pop("visibility", Visibility.PUBLIC)
    values = {"name_th": name, "date": Span.from_iso("2026-05-02/2026-05-03"), "text_th": TEXT} | more
    made = new_thing(Report, Kind.REPORT, space=space, visibility=visibility)
    return save_report(actor, made, values, links=links)
