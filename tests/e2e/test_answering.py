"""A working group answers what people said, adopts its plan when nothing is owed, and hears whether it answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open, say
from tests.e2e.house import House, python
from tests.e2e.people import OBSERVER, OWNER
from tests.e2e.test_accessibility import assert_clean

pytestmark = pytest.mark.browser

REASON = "เรือยาวที่สุดของท่ากลับลำได้ในระยะ 25 เมตร"
NO_MONEY = "ปีนี้ไม่มีงบ และที่ดินเป็นของการรถไฟ ขอรวมไว้พิจารณาด้วยกัน"


@pytest.fixture(scope="module")
def talked(house: House) -> dict[str, str]:
    """A round with people's words in the house of this file."""
    found: dict[str, str] = json.loads(python(house.var, "-m", "tests.e2e.talked").splitlines()[-1])
    return found


def press(page: Page, message: str, **values: Any) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=say(message, **values), exact=True).click()


def choose(page: Page, outcome: str) -> None:
    page.locator(f"main [name=outcome][value={outcome}]").first.check()


def table(talked: dict[str, str], query: str = "") -> str:
    return f"/rounds/{talked['round']}/answers/{query}"


def test_a_working_group_answers_everybody_and_then_adopts(open_page: Open, talked: dict[str, str]) -> None:
    owner = open_page(OWNER, wide=True)
    one_is_accepted_with_a_changed_sentence(owner, talked)
    two_are_merged_with_it_at_once(owner, talked)
    one_is_declined_without_a_reason_and_then_with_one(owner, talked)
    the_version_is_not_adopted_while_people_may_speak(owner, talked)
    the_version_is_not_adopted_while_one_is_owed(owner, talked)
    the_question_is_answered_and_the_version_adopted(owner, talked)
    visitor = open_page()
    the_receipt_shows_what_became_of_it(visitor, talked)
    what_does_not_answer_goes_back(visitor, talked)
    it_waits_for_those_who_answer(owner, talked)


def one_is_accepted_with_a_changed_sentence(owner: Page, talked: dict[str, str]) -> None:
    owner.goto(table(talked, "?state=owed"))
    row = owner.locator(f"#{talked['boats']}")
    row.get_by_role("link", name=say("Answer")).click()
    row.locator("[name=text]").wait_for()
    expect(row.locator("form ins")).to_contain_text("เว้นหน้าท่าเรือ 25 เมตร")
    assert_clean(owner)
    owner.set_viewport_size({"width": 1280, "height": 900})
    row.locator("[name=outcome][value=accepted]").check()
    changed = row.locator("[name=text]").input_value().replace("25 เมตร", "30 เมตร")
    row.locator("[name=text]").fill(changed)
    row.locator("[name=reason_th]").fill(REASON)
    with owner.expect_navigation():
        row.get_by_role("button", name=say("Save the answer"), exact=True).click()
    owner.goto(table(talked, "?state=answered"))
    expect(owner.locator(f"#{talked['boats']} .ans ins")).to_contain_text("30 เมตร")


def two_are_merged_with_it_at_once(owner: Page, talked: dict[str, str]) -> None:
    owner.goto(table(talked, "?state=owed"))
    for key in ("fence", "lamp"):
        owner.locator(f"#{talked[key]} [name=chosen]").check()
    several = owner.locator("#several")
    several.locator("[name=outcome][value=merged]").check()
    several.locator("[name=reason_th]").fill(NO_MONEY)
    several.locator("[name=with_other]").fill(talked["bridge"])
    press(owner, "Answer all that are ticked")
    expect(owner.locator(f"#{talked['fence']}")).to_have_count(0)
    expect(owner.locator(f"#{talked['bridge']}")).to_have_count(1)


def one_is_declined_without_a_reason_and_then_with_one(owner: Page, talked: dict[str, str]) -> None:
    owner.goto(f"/suggestions/{talked['bridge']}/answer/")
    choose(owner, "declined")
    press(owner, "Save the answer")
    expect(owner.locator(".errors")).to_be_visible()
    expect(owner.locator("[name=outcome][value=declined]")).to_be_checked()
    owner.locator("[name=reason_th]").fill("เทศบาลเมืองสร้างสะพานห่างไป 200 เมตรในปีหน้า")
    press(owner, "Save the answer")
    expect(owner.locator(f"#{talked['bridge']} .ans")).to_contain_text("200 เมตร")


def adopt(owner: Page, talked: dict[str, str]) -> None:
    owner.goto(f"/cities/{talked['slug']}/strategy/versions/{talked['version']}/adopt/")
    owner.locator("[name=day]").fill("1 ก.ย. 2569")
    owner.locator("[name=note]").fill("ที่ประชุมคณะทำงานเห็นชอบ")
    press(owner, "Enter the adoption")


def the_version_is_not_adopted_while_people_may_speak(owner: Page, talked: dict[str, str]) -> None:
    adopt(owner, talked)
    with owner.expect_navigation():
        owner.locator("main .errors a").click()
    press(owner, "Let today be the last day")


def the_version_is_not_adopted_while_one_is_owed(owner: Page, talked: dict[str, str]) -> None:
    adopt(owner, talked)
    refusal = owner.locator(".errors")
    expect(refusal).to_contain_text("1")
    refusal.get_by_role("link", name="รับฟังร่างแผนคลองหลังตลาด").click()
    expect(owner.locator(f"#{talked['night']}")).to_be_visible()


def the_question_is_answered_and_the_version_adopted(owner: Page, talked: dict[str, str]) -> None:
    owner.goto(f"/suggestions/{talked['night']}/answer/")
    choose(owner, "answered")
    owner.locator("[name=reason_th]").fill("อาสาสองคนต่อคืน โทรถามที่สำนักงานคณะทำงาน")
    press(owner, "Save, and on to the next")
    adopt(owner, talked)
    expect(owner.locator(".errors")).to_have_count(0)


def the_receipt_shows_what_became_of_it(visitor: Page, talked: dict[str, str]) -> None:
    visitor.goto("/receipt/")
    visitor.locator("[name=code]").fill(talked["lamp_receipt"])
    press(visitor, "See the answer")
    main = visitor.locator("main")
    expect(main).to_contain_text(NO_MONEY)
    expect(main).to_contain_text("200 เมตร")
    assert_clean(visitor)


def what_does_not_answer_goes_back(visitor: Page, talked: dict[str, str]) -> None:
    visitor.locator("[name=answers][value=no]").check()
    visitor.locator("main [name=words]").fill("ไฟไม่เกี่ยวกับสะพาน ขอคำตอบเรื่องไฟ")
    press(visitor, "Send")
    expect(visitor.locator("main")).to_contain_text("ไฟไม่เกี่ยวกับสะพาน")


def it_waits_for_those_who_answer(owner: Page, talked: dict[str, str]) -> None:
    owner.goto(table(talked, "?state=returned"))
    expect(owner.locator(f"#{talked['lamp']}")).to_contain_text("ไฟไม่เกี่ยวกับสะพาน")
    owner.goto("/waits/")
    expect(owner.locator("main")).to_contain_text("ขอไฟทางเดินริมคลอง")


@pytest.mark.parametrize("lang", ["th", "en"])
def test_who_was_heard_is_read_by_everybody(open_page: Open, talked: dict[str, str], lang: str) -> None:
    visitor = open_page(lang=lang)
    visitor.goto(f"/rounds/{talked['round']}/heard/")
    expect(visitor.locator("main")).to_contain_text(say("Not heard yet:", lang))
    assert_clean(visitor)


def test_an_observer_reads_the_table_without_javascript(open_page: Open, talked: dict[str, str]) -> None:
    observer = open_page(OBSERVER, javascript=False)
    observer.goto(table(talked))
    expect(observer.locator("[name=reason_th]")).to_have_count(0)
    expect(observer.locator(f"#{talked['boats']}")).to_be_visible()
