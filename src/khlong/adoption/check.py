"""Twelve points by which offices score a project, as a look before sending. They advise and never keep anybody back.

The points are those of the custom of scoring projects in monitoring (5.1 to 5.12); their wording is widely used and not
confirmed for every office. What cannot be told from the fields is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from khlong.adoption.models import Proposal

FIGURE = re.compile(r"[0-9๐-๙]")
MEASURABLE = re.compile(r"[0-9๐-๙%]|ร้อยละ|จำนวน|อย่างน้อย|ไม่น้อยกว่า|ไม่เกิน")


@dataclass(frozen=True)
class Point:
    """One point in the office's words. `holds` is None where only a person can tell."""

    number: str
    words: str
    holds: bool | None
    advice: str


def check(proposal: Proposal, *, cost_explained: bool) -> list[Point]:
    """The twelve points of a proposal. `cost_explained` says whether its measure tells how the cost was reckoned."""
    return list(_points(proposal, cost_explained=cost_explained))


def _points(p: Proposal, *, cost_explained: bool) -> Iterable[Point]:
    name = p.name_th.strip()
    yield Point(
        "5.1",
        "ความชัดเจนของชื่อโครงการ",
        name.startswith("โครงการ") and len(name) >= 15,
        _("Let the name begin with โครงการ and say what is done where."),
    )
    yield Point(
        "5.2",
        "กำหนดวัตถุประสงค์สอดคล้องกับโครงการ",
        p.objective.strip().startswith("เพื่อ"),
        _("Write the objective, beginning with เพื่อ."),
    )
    yield Point(
        "5.3",
        "เป้าหมาย (ผลผลิตของโครงการ) มีความชัดเจนนำไปสู่การตั้งงบประมาณได้ถูกต้อง",
        bool(FIGURE.search(p.outputs)),
        _("Say how many or how long, with the unit."),
    )
    yield from _above(p)
    yield from _money_and_results(p, cost_explained=cost_explained)


def _above(p: Proposal) -> Iterable[Point]:
    fields: tuple[tuple[str, str, Any], ...] = (
        ("5.4", "สอดคล้องกับแผนยุทธศาสตร์ชาติ 20 ปี", p.national),
        ("5.5", "เป้าหมายสอดคล้องกับแผนพัฒนาเศรษฐกิจและสังคมแห่งชาติ", p.milestone),
        ("5.6", "สอดคล้องกับ Thailand 4.0", None),
        ("5.7", "สอดคล้องกับยุทธศาสตร์จังหวัด", p.province_strategy),
    )
    for number, words, value in fields:
        holds = None if value is None else bool(value.strip())
        advice = _("Ask the plan officer how the office wants this shown.")
        yield Point(number, words, holds, advice if value is None else _("Name the number and the strategy."))
    yield Point(
        "5.8",
        "แก้ไขปัญหาความยากจนหรือเสริมสร้างให้ประเทศชาติมั่นคง มั่งคั่ง ยั่งยืนภายใต้หลักประชารัฐ",
        None,
        _("Say in the reason whose life it makes safer or easier."),
    )


def _money_and_results(p: Proposal, *, cost_explained: bool) -> Iterable[Point]:
    yield Point(
        "5.9",
        "งบประมาณสอดคล้องกับเป้าหมาย",
        p.total > 0 and bool(p.outputs.strip()),
        _("Give the budget by years beside what will be built or done."),
    )
    yield Point(
        "5.10",
        "ประมาณการราคาถูกต้องตามหลักวิธีการงบประมาณ",
        cost_explained,
        _("Say at the measure how the cost was reckoned, or name its source."),
    )
    yield Point(
        "5.11",
        "กำหนดตัวชี้วัด (KPI) สอดคล้องกับวัตถุประสงค์และผลที่คาดว่าจะได้รับ",
        bool(MEASURABLE.search(p.kpi)),
        _("Give an indicator with a number, a percentage or a threshold."),
    )
    yield Point(
        "5.12",
        "ผลที่คาดว่าจะได้รับสอดคล้องกับวัตถุประสงค์",
        bool(p.outcome.strip()) and bool(p.objective.strip()),
        _("Say what becomes different for whom when the objective is reached."),
    )
