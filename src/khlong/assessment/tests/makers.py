"""A household with what it said, and a finding that rests on it."""

from __future__ import annotations

from typing import Any

from khlong.assessment.actions import Ground, save_finding
from khlong.assessment.models import Finding
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import system_actor
from khlong.places.models import City
from khlong.record.files import keep_file
from khlong.record.tests import drawn
from khlong.register.tests.makers import DAY, household_of

SYSTEM = system_actor("test")
WHY = [
    {"th": "ปากท่อต่ำกว่าระดับน้ำคลองเมื่อน้ำขึ้น", "en": "", "explains": None, "underlying": False},
    {"th": "คลองไส้ไก่ไม่อยู่ในทะเบียนของหน่วยงานใด", "en": "", "explains": 0, "underlying": True},
]


def finding_of(space: Node, city: City, evidence: list[Node], mark: str) -> Finding:
    paper = keep_file(SYSTEM, drawn.upload(drawn.png((12, 9)), f"f{mark}.png"), space=space.pk)
    values = {
        "city": city,
        "statement_th": f"บ้านหลังตลาด น้ำเข้าก่อนคลองล้นตลิ่ง {mark}",
        "hazard": "flood",
        "confidence": "medium",
        "chain": WHY,
        "papers": [{"file": str(paper.pk), "caption_th": "คราบน้ำที่ผนังบ้าน"}],
    }
    return save_finding(
        SYSTEM, new_thing(Finding, Kind.FINDING, space=space), values, ground=Ground(evidence)
    )


def draft_of(city: City, mark: str) -> Finding:
    unsaved = new_thing(Finding, Kind.FINDING, space=city.node, visibility=Visibility.MEMBERS)
    values = {"city": city, "statement_th": f"ทางลัดจมก่อนเสมอ {mark}", "confidence": "low"}
    return save_finding(SYSTEM, unsaved, values)


def of_assessment(city: City, mark: str) -> dict[str, Any]:
    around = household_of(city, mark)
    finding = finding_of(city.node, city, [around["statement"].node], mark)
    checked = finding_of(city.node, city, [around["statement"].node], f"{mark} ตรวจแล้ว")
    Finding.objects.filter(pk=checked.pk).update(validated_on=DAY)
    checked.refresh_from_db()
    return around | {
        "finding": finding,
        "checked_finding": checked,
        "draft_finding": draft_of(city, mark),
        "cause": finding.causes.first(),
        "finding_file": finding.files.first(),
    }
