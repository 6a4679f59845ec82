"""Columns and titles of the forms of the local development plan, letter for letter as printed books have them.

Two formats live side by side: plans of 2566-2570 are ordered by strategy, those of 2571-2575 by development issue. The
circular behind the second has not been read, only books printed by it; so its indicator column can be switched on, and
nothing is refused for not fitting it. Sub-titles of P. 02/1 and 02/2 differ between offices: who prints chooses.
"""

from __future__ import annotations

from khlong.adoption.models import AMENDS, Edition, Form, PlanFormat
from khlong.paper.official import FormColumn

SUMMARY = "p01"
CODES = {
    SUMMARY: "แบบ ผ. 01",
    Form.P02: "แบบ ผ. 02",
    Form.P02_1: "แบบ ผ. 02/1",
    Form.P02_2: "แบบ ผ. 02/2",
}
TITLES = {
    (SUMMARY, PlanFormat.STRATEGY): "บัญชีสรุปโครงการพัฒนา",
    (SUMMARY, PlanFormat.ISSUE): "บัญชีสรุปโครงการพัฒนาท้องถิ่น",
    ("detail", PlanFormat.STRATEGY): "รายละเอียดโครงการพัฒนา",
    ("detail", PlanFormat.ISSUE): "บัญชีรายละเอียดโครงการพัฒนาท้องถิ่น",
    (Edition.CHANGE, PlanFormat.ISSUE): "บัญชีเปรียบเทียบโครงการ (เปลี่ยนแปลง)",
    (Edition.CORRECTION, PlanFormat.ISSUE): "บัญชีแก้ไขโครงการ (แก้ไข)",
}
"""Changes and corrections have names of their own in books by development issue only."""
SUBTITLES = {
    Form.P02_1: ("โครงการของชุมชน/หมู่บ้าน", "ประสานโครงการพัฒนาองค์การบริหารส่วนจังหวัด"),
    Form.P02_2: ("โครงการที่เกินศักยภาพ", "ประสานจังหวัด/องค์การบริหารส่วนจังหวัด", "ขอรับการสนับสนุนจากหน่วยงานอื่น"),
}
"""What offices were seen to print under the title; none of them is confirmed as the ministry's own."""

NUMBER, PROJECT, OBJECTIVE = "ที่", "โครงการ", "วัตถุประสงค์"
OUTPUTS = "เป้าหมาย (ผลผลิตของโครงการ)"
BUDGET, KPI, OUTCOME, LEAD = "งบประมาณ", "ตัวชี้วัด (KPI)", "ผลที่คาดว่าจะได้รับ", "หน่วยงานรับผิดชอบหลัก"
REASON = "เหตุผลความจำเป็น"
ITEM, OLD, NEW = "รายการ", "เดิม", "ใหม่"
STRATEGY, ISSUE = "ยุทธศาสตร์", "ประเด็นการพัฒนา"
COUNT, MONEY, SUM_MONEY, FIVE_YEARS = "จำนวนโครงการ", "งบประมาณ (บาท)", "งบรวม (บาท)", "รวม 5 ปี"
FOOT_MONEY, FOOT_COUNT, SUM, GRAND_SUM = "รวมงบประมาณ", "รวมจำนวนโครงการ", "รวม", "รวมทั้งสิ้น"
NAME = "แผนพัฒนาท้องถิ่น (พ.ศ. {first} - {last})"


def year_heading(plan_format: PlanFormat, year: int) -> str:
    """ "2566 (บาท)" by strategy, "พ.ศ. 2571 (บาท)" by development issue."""
    return f"{year} (บาท)" if plan_format == PlanFormat.STRATEGY else f"พ.ศ. {year} (บาท)"


def detail_columns(
    plan_format: PlanFormat, years: list[int], *, kpi: bool, edition: str = ""
) -> tuple[FormColumn, ...]:
    """The columns of P. 02, 02/1 and 02/2, in their order.

    A supplement ends with the reason; a change or a correction begins with what stood and what shall stand.
    """
    made = [FormColumn("item", ITEM, 13)] if edition in AMENDS else []
    made += [
        FormColumn("seq", NUMBER, 8),
        FormColumn("name_th", PROJECT, 38),
        FormColumn("objective", OBJECTIVE, 34),
        FormColumn("outputs", OUTPUTS, 34),
    ]
    made += [
        FormColumn(f"year_{year}", year_heading(plan_format, year), 20, BUDGET, money=True) for year in years
    ]
    if kpi:
        made.append(FormColumn("kpi", KPI, 24))
    made += [FormColumn("outcome", OUTCOME, 32), FormColumn("lead_unit", LEAD, 22)]
    if edition == Edition.SUPPLEMENT:
        made.append(FormColumn("reason", REASON, 28))
    return tuple(made)


def summary_columns(plan_format: PlanFormat, years: list[int]) -> tuple[FormColumn, ...]:
    """The columns of P. 01, in their order."""
    made = [FormColumn("group", STRATEGY if plan_format == PlanFormat.STRATEGY else ISSUE, 48)]
    for year in years:
        made += [
            FormColumn(f"count_{year}", COUNT, 19, f"ปี {year}"),
            FormColumn(f"money_{year}", MONEY, 22, f"ปี {year}", money=True),
        ]
    made += [
        FormColumn("count", COUNT, 19, FIVE_YEARS),
        FormColumn("money", SUM_MONEY, 24, FIVE_YEARS, money=True),
    ]
    return tuple(made)


def kpi_by_default(plan_format: PlanFormat) -> bool:
    """By strategy the indicator has its column; books by development issue were seen with and without."""
    return plan_format == PlanFormat.STRATEGY
