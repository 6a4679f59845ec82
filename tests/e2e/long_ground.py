"""What the long journey stands on: who takes part, their words, and how a page is walked, looked at and kept."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from khlong.thai.dates import format_date
from tests.e2e.conftest import say
from tests.e2e.house import House, python
from tests.e2e.test_invited import no_wider_than_the_phone

FACILITATOR, MEMBER, COLLEAGUE, EVALUATOR = "nipa", "ratree", "prasit", "evelyn"
CITY, NAME = "/cities/tanot-duan/", "เมืองโตนดด้วน"
OWN_SOURCE = "S19"

SAID = (
    "คืนนั้นน้ำไม่ได้ขึ้นจากคลอง มันไหลลงมาจากถนนใหม่ทางทิศเหนือ ควายเจ็ดตัวยืนแช่ถึงคออยู่ในคอก "
    "เราตัดเชือกทันแค่สี่ตัว เพราะไม่รู้ว่าจะต้อนขึ้นไปที่ไหน"
)
FOUND = "บ้านเลี้ยงควายน้ำริมสระไม่มีที่สูงให้ต้อนสัตว์ขึ้นเมื่อน้ำหลากมาจากถนนใหม่"
WHY = (
    "ถนนใหม่ทางทิศเหนือขวางทางน้ำเดิมและท่อลอดไม่พอ",
    "ไม่มีที่ดินสูงที่ตกลงกันไว้ให้สัตว์เลี้ยงใช้ร่วมกัน",
    "แบบก่อสร้างถนนไม่เคยถามคนเลี้ยงสัตว์ที่อยู่ท้ายน้ำ",
)
GOAL = "คนเลี้ยงสัตว์ทุกบ้านพาสัตว์ขึ้นที่สูงได้ก่อนน้ำมาถึง"
MEASURE = "จัดเนินดินกลางหนึ่งแห่งสำหรับควาย และเปิดท่อลอดถนนใหม่ให้น้ำลงสระ"
ONE, TWO = "หนึ่งแห่ง", "ฝั่งละหนึ่งแห่ง"
ADOPTED = MEASURE.replace(ONE, TWO)
SUGGESTED = "เนินเดียวไม่พอ บ้านฝั่งตะวันตกต้อนข้ามสระไม่ทัน"
ANSWER = "นับแล้วฝั่งตะวันตกมีควาย 31 ตัว ต้อนข้ามสระใช้เวลาเกินหนึ่งชั่วโมง"
INDICATOR = "ควายที่ขึ้นเนินได้ก่อนน้ำถึงคอก"
FORUM, DRILL = "เวทีคืนข้อมูลบ้านปากสระ", "ซ้อมต้อนควายขึ้นเนิน"
PLAN = "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)"
CITATION = f"ปรากฏใน{PLAN} เพิ่มเติม ครั้งที่ 1/2571 หน้าที่ 12 ลำดับที่ 1"

PEOPLE = f"""
import django; django.setup()
from khlong.chain.models import Node
from khlong.network.actions import give_role
from khlong.people.actions import set_account
from khlong.people.actor import Role, system_actor
from tests.e2e.people import PASSWORD
actor = system_actor("journeys")
for name, space, role in (
    ("{FACILITATOR}", "C-TND", "owner"), ("{FACILITATOR}", "R-SCS", "owner"),
    ("{MEMBER}", "C-TND", "member"), ("{COLLEAGUE}", "C-TND", "member"),
    ("{EVALUATOR}", "C-TND", "observer"), ("{EVALUATOR}", "R-SCS", "observer"),
):
    user, _made = set_account(name, PASSWORD)
    give_role(actor, Node.objects.get(ref=space), user, Role(role))
"""


def let_in(house: House) -> None:
    """Give the people of the journey their accounts and roles: all else they make themselves, on pages."""
    python(house.var, "-c", PEOPLE)


def told(house: House, *words: str) -> Any:
    """What ./khlong answers in JSON on the database of this house, as the public sees it."""
    return json.loads(python(house.var, "-m", "khlong", *words, "--json"))


def day(later: int = 0) -> str:
    return format_date(date.today() + timedelta(days=later), "th")


def fill(page: Page, /, **values: str) -> None:
    """Type into the fields of the page's main part, by their names."""
    for name, words in values.items():
        page.locator(f"main [name={name.replace('__', '-')}]").fill(words)


def choose(page: Page, /, **values: str) -> None:
    """Choose in lists by a part of what stands there."""
    for name, words in values.items():
        field = page.locator(f"main select[name={name}]")
        field.select_option(value=field.locator("option", has_text=words).first.get_attribute("value"))


def press(page: Page, message: str) -> None:
    """Press a button and wait for the page that comes."""
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=say(message), exact=True).first.click()


def follow(page: Page, message: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=say(message), exact=True).first.click()


def mend(page: Page, sentence: str, button: str) -> None:
    """Where the water is dry: the sentence says what is missing, and its button opens the form that mends it."""
    stretch: Locator = page.locator(".beside .dry", has_text=say(sentence))
    expect(stretch).to_be_visible()
    with page.expect_navigation():
        stretch.get_by_role("link", name=say(button), exact=True).click()
    assert page.locator("main form").count()


def not_dry(page: Page, sentence: str) -> None:
    expect(page.locator(".beside")).to_be_visible()
    expect(page.locator(".beside .dry", has_text=say(sentence))).to_have_count(0)


def ref_of(page: Page) -> str:
    """The reference in the address of a thing's page."""
    return page.url.rstrip("/").rpartition("/")[2]


def looked_at(page: Page, name: str) -> None:
    """Nothing is wider than the screen she has; a picture where PICTURES_TO names a folder."""
    no_wider_than_the_phone(page)
    if folder := os.environ.get("PICTURES_TO"):
        size = page.viewport_size
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        if size is not None:
            page.set_viewport_size(size)
            page.wait_for_timeout(300)
