"""Pages of versions: what changed between two, opening one for suggestions, entering its adoption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.places.models import City, Source
from khlong.record import actions as record
from khlong.record.errors import Refused
from khlong.strategy.actions import make_version, remove_item, save_passage
from khlong.strategy.diff import differences_of, pieces
from khlong.strategy.models import Language, Plan
from khlong.strategy.queries import version_book
from khlong.strategy.tests.makers import SYSTEM, VISION, add, measure_of, passage_of, whole_plan
from khlong.strategy.tests.test_views import shows

ClientOf = Callable[[str], Client]
BASE = "/cities/phatong/strategy/versions/"
OLD = "เปิดคลองไส้ไก่หลังตลาดให้น้ำเดินได้อีกครั้ง ตลอดแนว และให้กลุ่มประมงดูแลร่วมกัน"
NEW = "เปิดคลองไส้ไก่หลังตลาดให้น้ำเดินได้อีกครั้ง เว้นหน้าท่าเรือ 25 เมตร และให้กลุ่มประมงดูแลร่วมกัน"


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    return made


def state(plan: Plan, number: int = 1) -> str:
    return plan.versions.get(number=number).state


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"), [(OLD, NEW), ("", NEW), (OLD, ""), ("น้ำ", "ไฟ"), ("a b c", "a x c"), (NEW, NEW)]
)
def test_both_texts_can_be_read_out_of_their_difference(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(piece.text for piece in found if piece.kind != "ins") == old
    assert "".join(piece.text for piece in found if piece.kind != "del") == new


def test_thai_words_are_compared_whole_and_what_stays_is_not_marked() -> None:
    found = [(piece.kind, piece.text.strip()) for piece in pieces(OLD, NEW)]
    assert ("del", "ตลอดแนว") in found
    assert ("ins", "เว้นหน้าท่าเรือ 25 เมตร") in found
    assert sum(kind == "same" for kind, _text in found) == 2


def test_a_text_that_stands_is_one_piece() -> None:
    assert [piece.kind for piece in pieces(NEW, NEW)] == ["same"]


def test_parts_that_are_new_left_out_moved_or_reworded_are_told_apart(plan: Plan) -> None:
    one = version_book(plan.versions.get(number=1))
    save_passage(SYSTEM, passage_of(measure_of(plan)), Language.THAI, "ขุดลอกคลองตงปีละครั้ง")
    remove_item(SYSTEM, measure_of(plan, "พัฒนาคุณภาพชีวิต"))
    add(plan, "บ้านที่ไม่ต้องย้าย")
    found = differences_of(one, version_book(make_version(SYSTEM, plan)))
    assert [(row.change, row.leaf.text) for row in found] == [
        ("changed", "ขุดลอกคลองตงปีละครั้ง"),
        ("added", "บ้านที่ไม่ต้องย้าย"),
        ("removed", "พัฒนาคุณภาพชีวิต"),
    ]


def test_two_versions_are_compared_on_a_page_whichever_is_named_first(plan: Plan, client: Client) -> None:
    save_passage(SYSTEM, passage_of(measure_of(plan)), Language.THAI, "ขุดลอกคลองตงปีละครั้ง")
    make_version(SYSTEM, plan)
    for address in (f"{BASE}2/compare/1/", f"{BASE}1/compare/2/"):
        page = client.get(address)
        html = page.content.decode()
        assert shows(page, "ขุดลอกคลองตงปีละครั้ง")
        assert "<ins>" in html
        assert not shows(page, VISION)
    for address in (
        f"{BASE}1/compare/1/",
        f"{BASE}1/compare/9/",
        "/cities/bo-yang/strategy/versions/1/compare/2/",
    ):
        assert client.get(address).status_code == 404


# --- on their way ---------------------------------------------------------------------------------


def test_a_version_is_opened_taken_back_and_adopted_by_the_working_group(
    plan: Plan, client_of: ClientOf
) -> None:
    for step in ("open", "close", "adopt"):
        for name in ("anonymous", "observer", "stranger"):
            answer = client_of(name).post(f"{BASE}1/{step}/", {"day": "2 ส.ค. 2569", "note": "x"})
            assert answer.status_code in {302, 403}
            assert state(plan) == "draft"
    member = client_of("member")
    assert member.get(f"{BASE}1/open/").status_code == 405
    assert member.post(f"{BASE}1/open/").status_code == 302
    assert state(plan) == "review"
    assert member.post(f"{BASE}1/close/").status_code == 302
    assert state(plan) == "draft"
    assert member.get(f"{BASE}1/adopt/").status_code == 200
    sent = {"day": "2 ส.ค. 2569", "note": "เห็นชอบทั้งฉบับ"}
    assert member.post(f"{BASE}1/adopt/", sent)["Location"] == "/cities/phatong/strategy/"
    assert state(plan) == "adopted"
    assert shows(client_of("anonymous").get(BASE), "เห็นชอบทั้งฉบับ")


def test_an_adoption_without_a_day_keeps_the_words_that_were_typed(plan: Plan, client_of: ClientOf) -> None:
    page = client_of("member").post(f"{BASE}1/adopt/", {"note": "เห็นชอบทั้งฉบับ", "day": "เมื่อวาน"})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"day"}
    assert shows(page, "เห็นชอบทั้งฉบับ")


def test_what_another_room_holds_against_it_is_told_beside_what_was_typed(
    plan: Plan, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_guards", {})

    @record.guard("strategy.version.adopt")
    def _(_act: Any, _version: Any) -> None:
        raise Refused("ยังค้างคำตอบ 3 ข้อ")

    page = client_of("member").post(f"{BASE}1/adopt/", {"day": "2 ส.ค. 2569", "note": "เห็นชอบทั้งฉบับ"})
    assert page.status_code == 409
    for words in ("ยังค้างคำตอบ 3 ข้อ", "เห็นชอบทั้งฉบับ"):
        assert shows(page, words)
    assert state(plan) == "draft"


def test_only_the_newest_version_offers_its_next_step(plan: Plan, client_of: ClientOf) -> None:
    add(plan, "ส่วนใหม่")
    make_version(SYSTEM, plan)
    html = client_of("member").get(BASE).content.decode()
    assert f"{BASE}2/open/" in html
    assert f"{BASE}1/open/" not in html
    assert f"{BASE}2/open/" not in client_of("anonymous").get(BASE).content.decode()
