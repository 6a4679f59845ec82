"""Every page of the room, for everybody who may meet it, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from khlong.chain.models import Node, Visibility
from khlong.places.models import City, Source
from khlong.strategy import urls
from khlong.strategy.actions import make_version, remove_item, save_passage
from khlong.strategy.formats import FORMATS
from khlong.strategy.models import Item, Language, Plan
from khlong.strategy.queries import working_book
from khlong.strategy.tests.makers import SYSTEM, VISION, VISION_EN, add, passage_of, whole_plan, words_of

ClientOf = Callable[[str], Client]
EVERYBODY = ("anonymous", "observer", "member", "owner", "stranger", "steward")
WRITERS = ("member", "owner", "steward")
BASE = "/cities/phatong/strategy/"


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    made = whole_plan(city, source)
    make_version(SYSTEM, made)
    return made


def item(text: str) -> Item:
    return Item.objects.select_related("node", "plan").get(node__title_th=text)


@dataclass(frozen=True)
class Page:
    """An address, words of the plan on it, and who gets it."""

    name: str
    kwargs: dict[str, Any]
    words: str = VISION
    readers: tuple[str, ...] = EVERYBODY


PAGES = [
    Page("plans", {}),
    Page("plan", {"slug": "phatong"}),
    Page("versions", {"slug": "phatong"}, ""),
    Page("version", {"slug": "phatong", "number": 1}),
    Page("edit", {"slug": "phatong"}, readers=WRITERS),
    Page("edit_face", {"slug": "phatong"}, "แผนยุทธศาสตร์เมืองพะตง", WRITERS),
    Page("add_item", {"slug": "phatong"}, "", WRITERS),
    Page("passage_history", {"ref": "T-PTG-0001"}),
    Page("edit_passage", {"ref": "T-PTG-0001", "lang": "th"}, readers=WRITERS),
    Page("edit_passage", {"ref": "T-PTG-0001", "lang": "en"}, VISION_EN, WRITERS),
]
IN_TEST_PUBLISHING = {"add_plan", "publish_plan", "withdraw_plan"}
IN_TEST_PART_VIEWS = {
    "edit_measure",
    "measure_history",
    "mend",
    "indicator",
    "indicators",
    "add_indicator",
    "edit_indicator",
    "programme_indicators",
    "add_programme_indicator",
}
IN_TEST_VERSION_VIEWS = {"compare", "open_review", "close_review", "adopt"}
ELSEWHERE = {"sheet", "plan_by_ref", "item", "make_version", "move_item", "remove_item", "export"}


def bare(html: str) -> str:
    """The text of a page without tags and without what only guides its line breaks."""
    return re.sub(r"<[^>]*>|[\s\u00a0\u200b\u2060]", "", html)


def shows(response: Any, words: str) -> bool:
    """Whether a page shows words, in its text or in a field."""
    html = response.content.decode()
    return words in html or re.sub(r"\s", "", words) in bare(html)


def test_every_address_of_the_room_is_tried_here() -> None:
    names = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    others = ELSEWHERE | IN_TEST_PUBLISHING | IN_TEST_PART_VIEWS | IN_TEST_VERSION_VIEWS
    assert names == {page.name for page in PAGES} | others


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.name} {page.kwargs.get('lang', '')}")
def test_a_page_is_shown_to_those_who_may_and_to_nobody_else(
    page: Page, lang: str, plan: Plan, client_of: ClientOf
) -> None:
    path = reverse(f"strategy:{page.name}", kwargs=page.kwargs)
    for name in EVERYBODY:
        client = client_of(name)
        client.cookies["khlong_language"] = lang
        response = client.get(path)
        expected = 200 if name in page.readers else 302 if name == "anonymous" else 403
        assert response.status_code == expected, name
        if expected == 200:
            assert shows(response, page.words) or (lang == "en" and shows(response, VISION_EN)), name
            assert f'<html lang="{lang}"' in response.content.decode()


def test_addresses_on_paper_lead_to_the_place_in_the_book(plan: Plan, client: Client) -> None:
    assert client.get(f"/strategies/ref/{plan.ref}/")["Location"] == BASE
    assert client.get("/parts/T-PTG-0001/")["Location"] == f"{BASE}#T-PTG-0001"
    assert client.get("/r/m-ptg-0001/", follow=True).status_code == 200


ABSENT = [
    "/cities/nowhere/strategy/",
    "/cities/nowhere/strategy/edit/",
    f"{BASE}versions/9/",
    "/cities/bo-yang/strategy/edit/",
    "/cities/bo-yang/strategy/versions/",
    "/cities/bo-yang/strategy/export.docx",
    "/strategies/ref/Y-PTG-0099/",
    "/parts/T-PTG-0099/",
    "/parts/T-PTG-0099/history/",
    "/parts/T-PTG-0099/words/th/",
    "/parts/T-PTG-0001/words/ms/",
    f"{BASE}export.odt",
]


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_there_is_not_found(path: str, plan: Plan, client_of: ClientOf) -> None:
    assert client_of("steward").get(path).status_code == 404


def test_a_city_without_a_plan_says_so_on_a_page(plan: Plan, other_city: City, client: Client) -> None:
    response = client.get("/cities/bo-yang/strategy/")
    assert response.status_code == 200
    assert "strategy/no_plan.html" in [template.name for template in response.templates]


def test_what_is_not_published_is_found_by_the_working_group_only(plan: Plan, client_of: ClientOf) -> None:
    Node.objects.filter(pk=plan.pk).update(visibility=Visibility.MEMBERS)
    for path in (f"{BASE}versions/", f"{BASE}export.docx", f"/strategies/ref/{plan.ref}/"):
        assert client_of("anonymous").get(path).status_code == 404, path
        assert client_of("stranger").get(path).status_code == 404, path
        assert client_of("observer").get(path).status_code in {200, 302}, path
    for path in ("/strategies/", BASE):
        assert not shows(client_of("anonymous").get(path), VISION), path


def test_readers_see_the_newest_version_and_writers_are_told_what_waits(
    plan: Plan, client_of: ClientOf
) -> None:
    save_passage(SYSTEM, passage_of(item(VISION)), Language.THAI, "วิสัยทัศน์ที่ยังไม่ออก")
    for name in ("anonymous", "member"):
        assert shows(client_of(name).get(BASE), VISION)
        assert not shows(client_of(name).get(BASE), "วิสัยทัศน์ที่ยังไม่ออก")
    assert client_of("member").get(f"{BASE}edit/").context["page"].waiting == 1
    assert shows(client_of("member").get(f"{BASE}edit/"), "วิสัยทัศน์ที่ยังไม่ออก")


# --- words -----------------------------------------------------------------------------------

WORDS = "/parts/T-PTG-0001/words/th/"


def test_words_are_saved_with_who_and_why(plan: Plan, client_of: ClientOf) -> None:
    response = client_of("member").post(WORDS, {"text": "ใหม่\r\nสองบรรทัด", "base": "1", "why": "ตามเวที"})
    assert response["Location"] == f"{BASE}edit/#T-PTG-0001"
    row = passage_of(Item.objects.get(node__ref="T-PTG-0001")).revisions.get(lang="th", number=2)
    assert (row.text, row.by, row.why) == ("ใหม่\nสองบรรทัด", "member", "ตามเวที")


def test_empty_thai_is_refused_and_the_reason_typed_stays(plan: Plan, client_of: ClientOf) -> None:
    page = client_of("member").post(WORDS, {"text": " ", "base": "1", "why": "ลองดู"})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"text"}
    assert "ลองดู" in page.content.decode()


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_second_saver_of_words_sees_all_three_and_may_save_then(
    plan: Plan, cast: Any, client_of: ClientOf, lang: str
) -> None:
    save_passage(cast.actors["owner"], passage_of(item(VISION)), Language.THAI, "คำของคนแรก", base=1)
    client = client_of("member")
    client.cookies["khlong_language"] = lang
    page = client.post(WORDS, {"text": "คำของคนที่สอง", "base": "1", "why": "ตามเวที"})
    assert page.status_code == 409
    for words in ("คำของคนแรก", "คำของคนที่สอง", VISION, "ตามเวที", "owner"):
        assert shows(page, words), words
    assert (
        client.post(
            WORDS, {"text": "รวมสองคำ", "base": str(page.context["form"]["base"].value())}
        ).status_code
        == 302
    )
    row = Item.objects.get(node__ref="T-PTG-0001")
    assert words_of(row) == [VISION, "คำของคนแรก", "รวมสองคำ"]


def test_words_are_changed_by_the_working_group_only(plan: Plan, client_of: ClientOf) -> None:
    for name in ("anonymous", "observer", "stranger"):
        assert client_of(name).post(WORDS, {"text": "x", "base": "1"}).status_code == 403, name
    assert words_of(item(VISION)) == [VISION]


# --- parts and versions ----------------------------------------------------------------------


def test_a_part_is_added_where_it_belongs(plan: Plan, client_of: ClientOf) -> None:
    parent = item("จัดการน้ำร่วมกัน")
    sent = {"kind": "measure", "parent": str(parent.pk), "text_th": "ปลูกป่าต้นน้ำ", "text_en": "Plant trees"}
    assert client_of("member").post(f"{BASE}add/", sent)["Location"] == f"{BASE}edit/"
    made = item("ปลูกป่าต้นน้ำ")
    assert (made.parent, made.ref, words_of(made, "en")) == (parent, "M-PTG-0003", ["Plant trees"])


@pytest.mark.parametrize("change", [{"text_th": ""}, {"kind": "dream"}, {"parent": "nothing"}])
def test_a_part_that_cannot_stand_is_said_and_what_was_typed_stays(
    plan: Plan, client_of: ClientOf, change: dict[str, str]
) -> None:
    sent = {"kind": "measure", "text_th": "ปลูกป่าต้นน้ำ", "text_en": "Plant trees"} | change
    page = client_of("member").post(f"{BASE}add/", sent)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(change)
    assert "Plant trees" in page.content.decode()


def test_a_part_that_was_left_out_takes_no_parts(plan: Plan, client_of: ClientOf) -> None:
    gone = remove_item(SYSTEM, item("พัฒนาคุณภาพชีวิต"))
    sent = {"kind": "measure", "text_th": "x", "parent": str(gone.pk)}
    assert client_of("member").post(f"{BASE}add/", sent).status_code == 422


def test_parts_move_and_are_left_out_by_post_and_by_members(plan: Plan, client_of: ClientOf) -> None:
    ref = item("พัฒนาคุณภาพชีวิต").ref
    for step in ("move", "remove"):
        assert client_of("member").get(f"/parts/{ref}/{step}/").status_code == 405
        assert client_of("observer").post(f"/parts/{ref}/{step}/", {"to": "up"}).status_code == 403
    assert client_of("member").post(f"/parts/{ref}/move/", {"to": "up"}).status_code == 302
    assert [leaf.text for leaf in working_book(plan).leaves][1] == "พัฒนาคุณภาพชีวิต"
    assert client_of("member").post(f"/parts/{ref}/remove/").status_code == 302
    assert "พัฒนาคุณภาพชีวิต" not in [leaf.text for leaf in working_book(plan).leaves]
    assert shows(client_of("anonymous").get(f"{BASE}versions/1/"), "พัฒนาคุณภาพชีวิต")


def test_a_part_with_parts_is_not_left_out_and_the_reason_is_told(plan: Plan, client_of: ClientOf) -> None:
    assert client_of("member").post(f"/parts/{item('จัดการน้ำร่วมกัน').ref}/remove/").status_code == 403
    assert len(working_book(plan).all()) == 6


def test_a_version_is_made_by_post_when_something_waits(plan: Plan, client_of: ClientOf) -> None:
    path = f"{BASE}versions/make/"
    assert client_of("member").get(path).status_code == 405
    assert client_of("member").post(path, {"note": "x"}).status_code == 403
    save_passage(SYSTEM, passage_of(item(VISION)), Language.THAI, "ใหม่")
    assert client_of("observer").post(path).status_code == 403
    assert client_of("member").post(path, {"note": "ตามเวที"})["Location"] == BASE
    made = plan.versions.get(number=2)
    assert (made.note, made.by) == ("ตามเวที", "member")


def test_the_plan_itself_is_edited_like_any_thing(plan: Plan, client_of: ClientOf, source: Source) -> None:
    sent = {
        "name_th": "แผน",
        "horizon_years": "5",
        "drafted": "กันยายน 2565",
        "source": source.key,
        "mark": "A",
        "base": "1",
    }
    assert client_of("member").post(f"{BASE}face/", sent).status_code == 302
    plan.refresh_from_db()
    assert (plan.horizon_years, plan.drafted.iso() if plan.drafted else "") == (5, "2022-09")
    assert client_of("member").post(f"{BASE}face/", sent | {"name_th": "อื่น"}).status_code == 409
    assert (
        client_of("member").post(f"{BASE}face/", sent | {"drafted": "วันก่อน", "base": "2"}).status_code == 422
    )


# --- documents -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMATS)
def test_a_plan_is_downloaded_as_what_it_says_it_is(plan: Plan, client: Client, kind: str) -> None:
    response = client.get(f"{BASE}export.{kind}")
    assert response.status_code == 200
    assert response["Content-Type"] == FORMATS[kind]
    assert response["Content-Disposition"] == f'attachment; filename="khlong-phatong-th.{kind}"'
    assert response.content.startswith(b"%PDF-" if kind == "pdf" else b"PK")


def test_a_download_is_in_the_language_and_the_digits_asked_for(plan: Plan, client: Client) -> None:
    english = client.get(f"{BASE}export.docx?lang=en")
    assert 'filename="khlong-phatong-en.docx"' in english["Content-Disposition"]
    assert (
        'filename="khlong-phatong-th.docx"'
        in client.get(f"{BASE}export.docx?lang=ms&digits=thai")["Content-Disposition"]
    )


def test_the_pages_take_no_more_queries_for_a_longer_plan(
    plan: Plan, client: Client, django_assert_max_num_queries: Any
) -> None:
    from khlong.strategy.tests.makers import add

    for number in range(20):
        add(plan, f"ส่วนที่ {number}")
    make_version(SYSTEM, plan)
    for path in (BASE, "/strategies/", f"{BASE}versions/"):
        client.get(path)
        with django_assert_max_num_queries(12):
            client.get(path)


def test_a_pdf_that_cannot_be_made_leads_back_to_the_plan_and_says_why(plan: Plan, client: Client) -> None:
    add(plan, "မြန်မာ")
    make_version(SYSTEM, plan)
    answer = client.get("/cities/phatong/strategy/export.pdf", follow=True)
    assert answer.redirect_chain == [("/cities/phatong/strategy/", 302)]
    (said,) = answer.context["messages"]
    assert "မ" in str(said)
    assert client.get("/cities/phatong/strategy/export.docx").status_code == 200


def test_the_parts_that_may_hold_others_are_offered_in_the_order_of_the_plan(
    plan: Plan, client_of: ClientOf
) -> None:
    page = client_of("member").get(f"{BASE}add/")
    offered = [label for key, label in page.context["form"].fields["parent"].choices if key]
    titles = [label.partition("PTG-")[2][5:] for label in offered]
    assert titles == ["จัดการน้ำร่วมกัน", "ตลาดไม่ท่วม", "ขุดลอกคลองตง", "ตั้งเวรเฝ้าระวัง", "พัฒนาคุณภาพชีวิต"]


def test_letters_that_the_pdf_of_a_city_lacks_are_said_in_words(city: City, client: Client) -> None:
    City.objects.filter(pk=city.pk).update(basin_th="ကျွန်တော်", basin_en="ကျွန်တော်")
    where = reverse("strategy:sheet", args=["phatong", "pdf"])
    answer = client.get(where, headers={"accept-language": "en"}, follow=True)
    assert [status for _url, status in answer.redirect_chain] == [302]
    assert "Take the DOCX or the XLSX instead" in answer.content.decode()
    assert client.get(reverse("strategy:sheet", args=["phatong", "docx"])).status_code == 200
