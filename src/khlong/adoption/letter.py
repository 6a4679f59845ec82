"""The covering letter of a proposal, in the order of an external letter, without the garuda, which is for state bodies.

Order and gaps are custom rather than rule for who is no state body. What Khlong does not know is dots to be
filled in: the address, who signs, whom to call. Digits are Thai, as letters have them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from django.utils.translation import override

from khlong.adoption.models import EDITIONS_TH, Channel, Edition, Proposal, State
from khlong.adoption.official_forms.columns import CODES
from khlong.adoption.official_forms.sheets import EXAMPLE
from khlong.paper.docx_xml import Element, dxa, paragraph, prepare, tab_run, text_run, w
from khlong.paper.text import NO_BREAK_SPACE, no_break
from khlong.thai.dates import format_date
from khlong.thai.digits import to_thai
from khlong.thai.money import baht_words, format_baht

DOTS = "." * 30
MIDDLE_MM, INDENT_MM = 80.0, 25.0
SIZE = 32
YEARS = re.compile(r"พ\.ศ\.\s[0-9]{4}\s-\s[0-9]{4}")
ASKS = "ขอ"
"""How the name of a proposal begins that is a request and no project."""


def letter_docx(proposal: Proposal) -> bytes:
    """The letter as Word, in TH SarabunPSK 16 pt on A4, 3 cm left and 2 cm right."""
    import docx
    from docx.shared import Mm

    file: Any = docx.Document()
    prepare(file, "th")
    body = file.element.body
    for gone in list(body)[:-1]:
        body.remove(gone)
    page = file.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin = Mm(30), Mm(20)
    page.top_margin, page.bottom_margin = Mm(25), Mm(20)
    with override("th"):
        for line in _lines(proposal):
            body.sectPr.addprevious(line)
    core = file.core_properties
    core.title, core.language = f"หนังสือนำส่ง {proposal.name_th}"[:255], "th-TH"
    core.author = core.comments = core.last_modified_by = ""
    core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _line(
    words: str,
    *,
    before: float = 0,
    left_mm: float = 0,
    first_mm: float = 0,
    right: str = "",
    align: str = "left",
) -> Element:
    """A line of the letter; `right` stands at the right margin of the same line."""
    shape = []
    if right:
        shape.append(w("tabs", w("tab", val="right", pos=dxa(160))))
    shape.append(w("spacing", before=round(before * 20), after=0, line=240, lineRule="auto"))
    if left_mm or first_mm:
        shape.append(w("ind", left=dxa(left_mm), firstLine=dxa(first_mm)))
    shape.append(w("jc", val=align))
    runs = [text_run(_set(words), half_points=SIZE)]
    if right:
        runs += [tab_run(), text_run(_set(right), half_points=SIZE)]
    return paragraph("Normal", *runs, properties=shape)


def _set(words: str) -> str:
    """With Thai digits; dates, amounts and the years of a plan are not broken."""
    kept = YEARS.sub(lambda found: found[0].replace(" ", NO_BREAK_SPACE), no_break(words))
    return to_thai(kept)


def _lines(p: Proposal) -> list[Element]:
    sent = p.steps.filter(state=State.SUBMITTED, by_official=False).exclude(letter_no="").first()
    day = format_date(sent.letter_on or sent.on, "th") if sent else DOTS
    made = [_line(EXAMPLE, align="center")] if p.node.is_example else []
    made += [
        _line(f"ที่ {sent.letter_no if sent else DOTS}", right=p.city.name_th),
        _line("", right=f"ที่อยู่ {DOTS}"),
        _line(day, before=6, left_mm=MIDDLE_MM),
        _line(f"เรื่อง  {subject(p)}", before=6),
        _line(f"เรียน  {addressee(p.organisation.name_th)}", before=6),
        _line(f"สิ่งที่ส่งมาด้วย  {enclosure(p)} จำนวน 1 ชุด", before=6),
        _line(_cause(p), before=6, first_mm=INDENT_MM, align="thaiDistribute"),
        _line(_wish(p), before=6, first_mm=INDENT_MM, align="thaiDistribute"),
        _line("จึงเรียนมาเพื่อโปรดพิจารณา", before=6, first_mm=INDENT_MM),
        _line("ขอแสดงความนับถือ", before=12, left_mm=MIDDLE_MM),
        *(_line("", left_mm=MIDDLE_MM) for _number in range(4)),
        _line(f"({DOTS})", left_mm=MIDDLE_MM),
        _line(f"ตำแหน่ง {DOTS}", left_mm=MIDDLE_MM),
        _line(f"ผู้ประสาน {DOTS}", before=18),
        _line(f"โทร. {DOTS}"),
        _line(f"อีเมล {DOTS}"),
    ]
    return made


def subject(p: Proposal) -> str:
    """What the letter is about, in the words such letters have."""
    if p.channel == Channel.POLICY:
        return f"ขอส่งข้อเสนอเพื่อการปรับตัวต่อการเปลี่ยนแปลงสภาพภูมิอากาศของ{p.city.name_th}"
    if p.edition or p.channel == Channel.LOCAL_PLAN:
        return f"ขอเสนอโครงการเพื่อพิจารณา{_where(p)}"
    return p.name_th if p.name_th.startswith(ASKS) else f"ขอเสนอโครงการเพื่อพิจารณา: {p.name_th}"


def _plan(p: Proposal) -> str:
    return f"แผนพัฒนาท้องถิ่น (พ.ศ. {p.plan_years[0]} - {p.plan_years[-1]})"


def addressee(name: str) -> str:
    """The head of an organisation as letters call her; the organisation itself where no custom is known."""
    if name.startswith("เทศบาล"):
        return f"นายกเทศมนตรี{name.removeprefix('เทศบาล')}"
    return f"นายก{name}" if name.startswith("องค์การบริหารส่วน") else name


def enclosure(p: Proposal) -> str:
    return f"{CODES[p.form]} {p.name_th}"


def _cause(p: Proposal) -> str:
    begins = f"ด้วย{p.city.name_th}ได้จัดทำแผนยุทธศาสตร์เพื่อรับมือการเปลี่ยนแปลงสภาพภูมิอากาศร่วมกับชุมชนและภาคีเครือข่าย"
    reason = " ".join(p.reason.split())
    return f"{begins} และพบว่า {reason}" if reason else begins


def _wish(p: Proposal) -> str:
    objective = " ".join(p.objective.split())
    words = f"จึง{p.name_th}" if p.name_th.startswith(ASKS) else f"จึงขอเสนอ{p.name_th}"
    if objective:
        words += f" {objective}"
    if p.total:
        words += f" งบประมาณรวม {format_baht(p.total)} ({baht_words(p.total)})"
    words += f" รายละเอียดตามสิ่งที่ส่งมาด้วย เพื่อโปรดพิจารณา{_where(p)}"
    if p.reply_due:
        words += f" และขอความอนุเคราะห์แจ้งผลการพิจารณาภายในวันที่ {format_date(p.reply_due, 'th')}"
    return words


def _where(p: Proposal) -> str:
    if p.amends:
        return f"{EDITIONS_TH[Edition(p.edition)]}ใน{_plan(p)}"
    if p.edition:
        return f"บรรจุใน{_plan(p)} {EDITIONS_TH[Edition(p.edition)]}"
    return f"บรรจุใน{_plan(p)}" if p.channel == Channel.LOCAL_PLAN else "ดำเนินการ"
