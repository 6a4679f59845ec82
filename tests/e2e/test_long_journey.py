"""The long journey: five people in turn, from what a household said to a number in the programme's report and back.

A facilitator, the working group, a resident without an account, an official and an evaluator. Nothing is there
before but the city's published facts and the accounts; everything is made on pages, and wherever the water is dry
the journey goes on by the button of the dry stretch.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from khlong.record.tests import drawn
from tests.e2e.conftest import Open, say
from tests.e2e.house import House
from tests.e2e.long_ground import (
    ADOPTED,
    ANSWER,
    CITATION,
    CITY,
    COLLEAGUE,
    DRILL,
    EVALUATOR,
    FACILITATOR,
    FORUM,
    FOUND,
    GOAL,
    INDICATOR,
    MEASURE,
    MEMBER,
    NAME,
    ONE,
    OWN_SOURCE,
    SAID,
    SUGGESTED,
    TWO,
    WHY,
    choose,
    day,
    fill,
    follow,
    let_in,
    looked_at,
    mend,
    not_dry,
    press,
    ref_of,
    told,
)

pytestmark = pytest.mark.browser

MARK = """([passage, quote]) => {
  const text = passage.firstChild, range = document.createRange(), at = text.data.indexOf(quote);
  range.setStart(text, at); range.setEnd(text, at + quote.length);
  getSelection().removeAllRanges(); getSelection().addRange(range);
}"""
NO_MEASURE = "No measure of the plan answers this finding yet."
NO_INDICATOR = "Nothing says yet by what one knows that this measure works."
NO_WORK = "It is in no organisation's plan yet, and no pilot project tries it."
NO_VALUE = "Nobody has noted yet how far this pilot moved its indicators."


@dataclass
class Course:
    """The references of what was made on the way, in the order of the water."""

    made: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.made[name]

    def keep(self, name: str, page: Page) -> str:
        self.made[name] = ref_of(page)
        return self.made[name]


def test_five_people_in_turn_lead_what_a_household_said_to_the_report_and_back(
    open_page: Open, house: House, tmp_path: Path
) -> None:
    let_in(house)
    course = Course()
    member, facilitator = open_page(MEMBER), open_page(FACILITATOR, wide=True)
    a_household_agrees_and_speaks(member, course)
    a_finding_rests_on_it(member, course)
    a_meeting_checks_it(member, course)
    a_measure_answers_it(member, course)
    link = a_version_goes_to_a_circle(facilitator, member, course)
    resident = open_page()
    receipt = she_suggests_on_her_phone(resident, link, course)
    the_working_group_answers_and_adopts(member, facilitator, course)
    she_sees_what_became_of_it(open_page(), receipt)
    the_municipality_answers(member, open_page, course)
    the_form_leaves_in_word(member, course, tmp_path)
    the_city_tries_it_itself(member, open_page(COLLEAGUE), course, tmp_path)
    the_number_stands_with_its_evidence(member, course)
    the_programme_reports_it(facilitator, course)
    evaluator = open_page(EVALUATOR, wide=True)
    the_evaluator_follows_the_number_back(evaluator, course)
    nothing_is_dry(evaluator, course)
    the_commands_tell_the_same(house, course)


# --- the working group: evidence ---------------------------------------------------------------------


def a_household_agrees_and_speaks(page: Page, course: Course) -> None:
    page.goto(CITY)
    follow(page, "Add a community")
    fill(page, name_th="ชุมชนบ้านปากสระ")
    page.locator("[name=source]").select_option(OWN_SOURCE)
    press(page, "Save")
    page.goto(CITY)
    follow(page, "Register of households")
    follow(page, "Add a household")
    page.locator("[name=texts]").nth(1).check()
    choose(page, community="ชุมชนบ้านปากสระ")
    fill(page, name="สมใจ ทองหนู", site="ศาลาบ้านปากสระ", day="14 มี.ค. 2569", called="บ้าน 41 ริมสระ", people="4")
    press(page, "Keep the household")
    expect(page.locator(".receipt")).to_be_visible()
    looked_at(page, "01-household")
    follow(page, "Write down what it says")
    fill(page, words=SAID, said_on="14 มี.ค. 2569")
    page.locator("[name=may_quote]").check()
    press(page, "Save")
    expect(page.locator("main")).to_contain_text("ตัดเชือกทันแค่สี่ตัว")
    course.keep("statement", page)
    looked_at(page, "01-statement")


def a_finding_rests_on_it(page: Page, course: Course) -> None:
    mend(page, "No finding rests on what this household said.", "Write a finding from it")
    expect(page.locator("[name=evidence-0-ref]")).to_have_value(course["statement"])
    fill(page, statement_th=FOUND, **{f"why__{at}__th": step for at, step in enumerate(WHY)})
    page.locator("[name=why-2-underlying]").check()
    page.locator("[name=hazard]").select_option("flood")
    page.locator("[name=confidence]").first.check()
    press(page, "Save the finding")
    expect(page.locator(".chain li")).to_have_count(3)
    expect(page.locator(".chain .root")).to_contain_text(WHY[2])
    course.keep("finding", page)
    press(page, "Publish the finding")
    looked_at(page, "02-finding")


def a_meeting_checks_it(page: Page, course: Course) -> None:
    missing = "The people whom it concerns have not checked this finding yet."
    mend(page, missing, "Note the check")
    check = page.url
    follow(page, "Add a meeting")
    fill(page, name_th=FORUM, date="20 มี.ค. 2569")
    page.locator("[name=source]").select_option(OWN_SOURCE)
    press(page, "Save")
    page.goto(check)
    choose(page, meeting=FORUM)
    fill(page, day="20 มี.ค. 2569")
    looked_at(page, "02-check")
    press(page, "Checked together")
    expect(page.locator("main")).to_contain_text(FORUM)
    not_dry(page, missing)


# --- the working group: the plan ---------------------------------------------------------------------


def a_measure_answers_it(page: Page, course: Course) -> None:
    mend(page, NO_MEASURE, "Write a measure for it")
    assert page.url.partition("?")[0].endswith(f"{CITY}strategy/begin/")
    fill(page, horizon_years="5")
    page.locator("[name=source]").select_option(OWN_SOURCE)
    press(page, "Save")
    answering = page.url
    expect(page.locator("main .panel")).to_contain_text(FOUND)
    page.goto(f"{CITY}strategy/edit/")
    follow(page, "Add a part")
    page.locator("[name=kind]").select_option("goal")
    fill(page, text_th=GOAL)
    press(page, "Save")
    page.goto(answering)
    choose(page, parent=GOAL[:20])
    fill(page, text_th=MEASURE)
    press(page, "Save")
    what_the_measure_is(page)
    course.keep("measure", page)
    looked_at(page, "03-measure")
    mend(page, NO_INDICATOR, "Add an indicator")
    fill(page, name_th=INDICATOR, unit_th="ตัว", baseline="4", baseline_year="2568", target="60")
    fill(page, target_year="2572", means_th="บัญชีนับควายวันซ้อมของกลุ่มคนเลี้ยงควาย")
    press(page, "Save")
    course.keep("indicator", page)
    looked_at(page, "03-indicator")
    page.goto(f"/parts/{course['measure']}/")
    not_dry(page, NO_INDICATOR)
    page.goto(f"/findings/{course['finding']}/")
    not_dry(page, NO_MEASURE)


def what_the_measure_is(page: Page) -> None:
    """The form that follows on the words; the finding is ticked already."""
    expect(page.locator("[name=findings]").first).to_be_checked()
    page.locator("[name=kind]").select_option("hybrid")
    choose(page, responsible="กองทุนฟื้นฟูสมรรถภาพ")
    fill(
        page,
        gains="บ้านเลี้ยงควายน้ำ 12 บ้านริมสระ",
        loses="เจ้าของนา 2 รายที่เสียที่ดินให้เนินดิน ตกลงค่าเช่ารายปีก่อนเริ่มงาน",
        beyond="ถ้าน้ำสูงกว่าเนิน ย้ายควายไปโรงเรียนบนควน",
        from_year="2571",
        to_year="2572",
        cost_satang="350,000",
        cost_note="ประมาณการของกองช่าง 2569",
    )
    press(page, "Save")


# --- the facilitator and the resident ----------------------------------------------------------------


def a_version_goes_to_a_circle(page: Page, member: Page, course: Course) -> str:
    member.goto(f"{CITY}strategy/edit/")
    fill(member, note="ร่างแรก")
    press(member, "Make a version")
    member.goto(f"{CITY}strategy/edit/")
    press(member, "Publish the plan")
    page.goto(f"{CITY}strategy/versions/")
    press(page, "Open for suggestions")
    page.goto(f"{CITY}strategy/")
    looked_at(page, "04-plan")
    follow(page, "Open a round of review")
    fill(page, opens_on=day(), closes_on=day(20))
    fill(page, summary_th="ร่างนี้ว่าด้วยที่สูงสำหรับควายและทางน้ำใต้ถนนใหม่ อ่านแล้วบอกเราว่าตรงไหนยังไม่ใช่")
    page.locator("[name=level][value=involve]").check()
    press(page, "Save")
    course.made["round"] = page.url.split("/rounds/")[1].split("/")[0]
    follow(page, "Add a circle")
    fill(page, name_th="กลุ่มคนเลี้ยงควายน้ำ", expected="30")
    press(page, "Save")
    page.locator("main form[action*='/link/'] button").click()
    expect(page.locator(".invitation .qr svg")).to_be_visible()
    looked_at(page, "04-link")
    return str(page.locator(".invitation .address").inner_text())


def she_suggests_on_her_phone(page: Page, link: str, course: Course) -> str:
    page.goto(link)
    looked_at(page, "05-reading")
    passage = page.locator("[data-words]", has_text=MEASURE)
    passage.evaluate(f"passage => ({MARK})([passage, '{ONE}'])")
    expect(page.locator(".marked .marked-words")).to_have_text(ONE)
    with page.expect_navigation():
        page.locator(".marked a").click()
    expect(page.locator(".how-marked")).to_contain_text(ONE)
    page.locator("[name=voice][value=suggest]").check()
    fill(page, instead=TWO, words=SUGGESTED)
    looked_at(page, "05-speak")
    page.locator("main").get_by_role("button", name=say("Send"), exact=True).click()
    expect(page.locator("[data-receipt]")).to_be_visible()
    looked_at(page, "05-receipt")
    return str(page.locator("[data-receipt]").inner_text())


def the_working_group_answers_and_adopts(page: Page, owner: Page, course: Course) -> None:
    page.goto("/waits/")
    expect(page.locator("main")).to_contain_text(NAME)
    with page.expect_navigation():
        page.locator(f"main a[href^='/rounds/{course['round']}/answers/']").first.click()
    row = page.locator("main article", has_text=SUGGESTED)
    course.made["suggestion"] = str(row.get_attribute("id"))
    the_plan_is_not_adopted_yet(owner, 1, course)
    row.get_by_role("link", name=say("Answer")).click()
    row.locator("[name=text]").wait_for()
    expect(row.locator("[name=text]")).to_have_value(ADOPTED)
    row.locator("[name=outcome][value=accepted]").check()
    row.locator("[name=reason_th]").fill(ANSWER)
    looked_at(page, "06-answer")
    with page.expect_navigation():
        row.get_by_role("button", name=say("Save the answer"), exact=True).click()
    expect(page.locator("#several")).to_have_count(0)
    looked_at(page, "06-answered")
    owner.goto(f"{CITY}strategy/edit/")
    fill(owner, note="รับข้อเสนอเรื่องเนินสองฝั่ง")
    press(owner, "Make a version")
    adopt(owner, 2)
    expect(owner.locator("main")).to_contain_text(TWO)
    looked_at(owner, "06-adopted")


def the_plan_is_not_adopted_yet(page: Page, number: int, course: Course) -> None:
    """While people may speak, and while she is owed an answer; the refusal leads to either."""
    adopt(page, number)
    with page.expect_navigation():
        page.locator("main .errors a").click()
    press(page, "Let today be the last day")
    adopt(page, number)
    expect(page.locator("main .errors a")).to_have_attribute(
        "href", f"/rounds/{course['round']}/answers/?state=owed"
    )


def adopt(page: Page, number: int) -> None:
    page.goto(f"{CITY}strategy/versions/{number}/adopt/")
    fill(page, day=day(), note="คณะทำงานเห็นชอบทั้งฉบับ 14 ต่อ 0")
    press(page, "Enter the adoption")


def she_sees_what_became_of_it(page: Page, receipt: str) -> None:
    page.goto("/receipt/")
    fill(page, code=receipt)
    press(page, "See the answer")
    main = page.locator("main")
    expect(main).to_contain_text(ANSWER)
    expect(main.locator(".ans ins")).to_contain_text("ฝั่งละ")
    expect(main).not_to_contain_text(say("The passage has new words"))
    looked_at(page, "06-outcome")


# --- the official ------------------------------------------------------------------------------------


def the_municipality_answers(page: Page, open_page: Open, course: Course) -> None:
    page.goto(f"/parts/{course['measure']}/")
    mend(page, NO_WORK, "Make a proposal")
    expect(page.locator("[name=objective]")).to_have_value(f"เพื่อ{ADOPTED}")
    expect(page.locator("[name=reason]")).to_have_value(FOUND)
    expect(page.locator("[name=suggestions]")).to_be_checked()
    page.locator("[name=channel]").select_option("supplement")
    fill(page, outputs="เนินดิน 2 แห่ง และท่อลอด 3 จุด")
    looked_at(page, "07-proposal-form")
    press(page, "Save")
    course.keep("proposal", page)
    press(page, "Publish the proposal")
    follow(page, "Note a step")
    page.locator("[name=state]").select_option("submitted")
    fill(page, letter_no="พท 7/2569")
    press(page, "Save")
    follow(page, "Link for an answer")
    fill(page, name="สำนักปลัด")
    press(page, "Make the link")
    the_official_answers(open_page(), str(page.locator(".address").inner_text()))
    page.goto(f"/proposals/{course['proposal']}/")
    expect(page.locator("ol.happened")).to_contain_text("พท 52301/118")
    follow(page, "Note where it was adopted")
    fill(page, round="1/2571", year="2571", page="๑๒", order="1", on=day())
    press(page, "Save")
    expect(page.locator("ol.happened")).to_contain_text(CITATION)
    looked_at(page, "07-proposal")
    page.goto(f"/parts/{course['measure']}/")
    not_dry(page, NO_WORK)


def the_official_answers(page: Page, address: str) -> None:
    page.goto(address)
    press(page, "Read the proposal")
    expect(page.locator("main")).to_contain_text("เนินดิน 2 แห่ง")
    page.locator("[name=state]").select_option("committee")
    fill(page, note="คณะกรรมการพัฒนาท้องถิ่นเห็นชอบ บรรจุในฉบับเพิ่มเติม", letter_no="พท 52301/118", letter_on=day())
    press(page, "Send the answer")
    expect(page.locator("ol.happened")).to_contain_text("พท 52301/118")
    expect(page.locator("ol.happened")).not_to_contain_text(
        say("Informal until a letter number or a resolution is attached.")
    )
    looked_at(page, "07-official")


def the_form_leaves_in_word(page: Page, course: Course, folder: Path) -> None:
    page.goto(f"/proposals/{course['proposal']}/")
    with page.expect_download() as taken:
        page.locator("main").get_by_role("link", name=say("Take the form in Word"), exact=True).click()
    saved = folder / "p02.docx"
    taken.value.save_as(saved)
    made = docx.Document(io.BytesIO(saved.read_bytes()))
    cells = [cell.text for cell in made.tables[0].rows[3].cells]
    assert made.sections[0].header.paragraphs[0].text == "แบบ ผ. 02"
    assert cells[1] == f"โครงการ{ADOPTED}"
    assert cells[2] == f"เพื่อ{ADOPTED}"
    assert FOUND in cells[-1]
    assert any("2571 - 2575" in paragraph.text for paragraph in made.paragraphs)


# --- the pilot ---------------------------------------------------------------------------------------


def the_city_tries_it_itself(page: Page, colleague: Page, course: Course, folder: Path) -> None:
    page.goto(f"/parts/{course['measure']}/")
    follow(page, "Begin a pilot project")
    expect(page.locator("[name=measures]")).to_be_checked()
    expect(page.locator("[name=indicators]")).to_be_checked()
    fill(
        page,
        aim_th="ให้ควายทุกคอกขึ้นเนินได้ภายในหนึ่งชั่วโมงหลังเสียงเตือน",
        starts_on="5 ม.ค. 2569",
        ends_on="31 ธ.ค. 2569",
    )
    page.locator("[name=state]").select_option("running")
    looked_at(page, "08-pilot-form")
    press(page, "Save")
    course.keep("pilot", page)
    money_is_approved_by_somebody_else(page, colleague, folder)
    those_who_came_are_counted(page, course, folder)
    press(page, "Publish the pilot")
    looked_at(page, "08-pilot")


def money_is_approved_by_somebody_else(page: Page, colleague: Page, folder: Path) -> None:
    page.goto(f"{page.url}money/")
    follow(page, "Add a line of the budget")
    fill(page, text_th="ค่ารถขุดดิน", satang="20,000")
    press(page, "Save")
    follow(page, "Enter an expense")
    receipt = folder / "receipt.jpg"
    receipt.write_bytes(drawn.jpeg((600, 800)))
    choose(page, line="ค่ารถขุดดิน")
    fill(page, text="จ้างรถขุดปรับเนินฝั่งตะวันตก", satang="12,000", paid_on="3 ก.พ. 2569")
    page.locator("[name=receipt]").set_input_files(receipt)
    press(page, "Save")
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name="จ้างรถขุดปรับเนินฝั่งตะวันตก").click()
    expect(page.get_by_role("button", name=say("Approve"), exact=True)).to_have_count(0)
    colleague.goto(page.url)
    looked_at(colleague, "08-expense")
    press(colleague, "Approve")
    expect(colleague.locator("main")).to_contain_text("12,000")


def those_who_came_are_counted(page: Page, course: Course, folder: Path) -> None:
    page.goto("/meetings/add/?space=C-TND")
    fill(page, name_th=DRILL, date="1 มี.ค. 2569")
    page.locator("[name=source]").select_option(OWN_SOURCE)
    press(page, "Save")
    course.keep("drill", page)
    page.goto(f"{page.url}attendance/add/")
    fill(page, others_th="คนเลี้ยงควายน้ำริมสระ", attended="18", women="7", men="11")
    press(page, "Save")
    page.goto(f"/pilots/{course['pilot']}/")
    follow(page, "Add an activity")
    fill(page, name_th="ซ้อมต้อนควายขึ้นเนินตะวันตก", on="1 มี.ค. 2569")
    choose(page, meeting=DRILL)
    for name, words in (("before", "เนินก่อนปรับดิน"), ("after", "ควายยืนบนเนิน")):
        photo = folder / f"{name}.jpg"
        photo.write_bytes(drawn.jpeg((1200, 900), gps=True))
        page.locator(f"[name={name}]").set_input_files(photo)
        fill(page, **{f"{name}_alt": words})
    page.locator("[name=shown_agree]").check()
    press(page, "Save")
    expect(page.locator("#activities")).to_contain_text("18")


def the_number_stands_with_its_evidence(page: Page, course: Course) -> None:
    mend(page, NO_VALUE, "Enter a value")
    choose(page, indicator=INDICATOR)
    fill(page, period_from="1 ม.ค. 2569", period_to="31 มี.ค. 2569", value="๓๑")
    page.locator("[name=how][value=entered]").check()
    press(page, "Save")
    expect(page.locator("main .errors")).to_be_visible()
    fill(page, evidence_node=course["drill"], evidence_note="นับบนเนินในวันซ้อม ผู้นับสองคน")
    press(page, "Save")
    course.keep("value", page)
    expect(page.locator("main")).to_contain_text(DRILL)
    looked_at(page, "08-value")
    page.goto(f"/pilots/{course['pilot']}/")
    not_dry(page, NO_VALUE)


# --- the programme and the evaluator ------------------------------------------------------------------


def the_programme_reports_it(page: Page, course: Course) -> None:
    page.goto("/programme/")
    follow(page, "Logframe")
    follow(page, "Begin the logframe")
    press(page, "Save")
    missing = "No indicator stands in this logframe yet."
    mend(page, missing, "Add an indicator")
    page.locator("[name=level]").select_option("2_outcome")
    fill(page, code="OC1", text_th="คนและสัตว์เลี้ยงริมน้ำปลอดภัยขึ้น")
    press(page, "Save")
    mend(page, missing, "Add an indicator")
    choose(page, indicator=INDICATOR)
    press(page, "Save")
    not_dry(page, missing)
    follow(page, "Add a reporting period")
    fill(page, name_th="ไตรมาสแรก 2569", begins="1 ม.ค. 2569", ends="31 มี.ค. 2569")
    press(page, "Save")
    press(page, "Freeze the values for the report")
    looked_at(page, "09-logframe")


def the_evaluator_follows_the_number_back(page: Page, course: Course) -> None:
    page.goto("/programme/")
    follow(page, "Logframe")
    figure = page.locator("main tr", has_text=INDICATOR)
    expect(figure).to_contain_text("31")
    looked_at(page, "09-report")
    figure.locator("summary").click()
    figure.get_by_role("link", name=course["value"]).click()
    page.wait_for_url(f"**/values/{course['value']}/")
    looked_at(page, "09-value")
    follow(page, "Follow the water")
    looked_at(page, "09-trace")
    everything = page.locator("main table").last
    for name in ("pilot", "indicator", "measure", "suggestion", "finding"):
        expect(everything).to_contain_text(course[name])
    with page.expect_navigation():
        everything.get_by_role("link", name="คำบอกเล่าของครัวเรือน").first.click()
    assert ref_of(page) == course["statement"]
    expect(page.locator("blockquote")).to_contain_text("ตัดเชือกทันแค่สี่ตัว")
    expect(page.locator("main")).not_to_contain_text("สมใจ")
    looked_at(page, "09-statement")


def nothing_is_dry(page: Page, course: Course) -> None:
    """The canal of the city, and of her plan, when all have done their part."""
    page.goto(f"/trace/{course['statement']}/")
    expect(page.locator("main table").last).to_contain_text(course["proposal"])
    looked_at(page, "09-downstream")
    page.goto("/canal/tanot-duan/")
    expect(page.locator("main svg .dry")).to_have_count(0)
    looked_at(page, "09-canal")


def the_commands_tell_the_same(house: House, course: Course) -> None:
    trace = told(house, "trace", course["value"])
    kinds = {row["ref"]: row["kind"] for row in trace["upstream"]}
    for name in ("statement", "finding", "measure", "suggestion", "pilot", "indicator"):
        assert kinds[course[name]] == name
    assert kinds[course["drill"]] == "meeting"
    path = ("statement", "finding", "measure", "pilot", "value")
    edges = {(up, down) for up, down, _kind in trace["edges"]}
    for up, down in zip(path, path[1:], strict=False):
        assert (course[up], course[down]) in edges
    assert trace["whole"]
    (city,) = [row for row in told(house, "status")["cities"] if row["ref"] == "C-TND"]
    one_each = ("statement", "finding", "measure", "suggestion", "proposal", "pilot", "indicator", "value")
    assert {name: city["kinds"][name] for name in one_each} == dict.fromkeys(one_each, 1)
    assert city["dry"] == {}
    assert city["figures"] == {"answers_owed": 0, "replies_overdue": 0}
