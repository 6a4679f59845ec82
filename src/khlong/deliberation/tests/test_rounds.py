"""A version goes to circles: opened, changed and ended by the working group; links are printed and withdrawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from khlong.deliberation.circles import save_circle
from khlong.deliberation.models import Circle, Level, Round
from khlong.deliberation.promises import PROMISES, promise
from khlong.deliberation.rounds import end_round, new_round, save_round
from khlong.deliberation.tests.speak_makers import SYSTEM, Talk, make_circle, make_talk, text_of
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.strategy.models import VersionState
from khlong.strategy.tests.makers import group
from khlong.thai.dates import format_date

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


def values(talk: Talk, **more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    standard = {"version": talk.version, "name_th": "รอบสอง", "opens_on": today, "closes_on": today}
    return standard | {"summary_th": "สรุป", "level": "consult"} | more


def typed(talk: Talk, **more: str) -> dict[str, str]:
    today = timezone.localdate()
    days = {"opens_on": format_date(today, "th"), "closes_on": format_date(today + timedelta(days=9), "th")}
    words = {"name_th": "รับฟังรอบสอง", "summary_th": "อ่านแล้วบอกเรา", "level": "involve"}
    return {"version": str(talk.version.pk), "open_to_all": "on", **days, **words, **more}


def test_a_round_is_opened_from_the_page_of_the_city(client_of: ClientOf, talk: Talk) -> None:
    browser = client_of("member")
    address = "/cities/phatong/rounds/add/"
    assert "คาดหวัง" in text_of(browser.get(f"/rounds/{talk.ref}/"))
    assert browser.get(address).status_code == 200
    answer = browser.post(address, typed(talk))
    assert answer.status_code == 302
    made = Round.objects.get(name_th="รับฟังรอบสอง")
    assert answer.headers["Location"] == f"/rounds/{made.ref}/circles/"
    assert made.node.visibility == "public"


def test_a_draft_that_goes_to_people_is_for_review_from_then_on(talk: Talk) -> None:
    talk.version.refresh_from_db()
    assert talk.version.state == VersionState.REVIEW


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"closes_on": "1 ม.ค. 2560"}, "closes_on"),
        ({"opens_on": "พรุ่งนี้"}, "opens_on"),
        ({"level": ""}, "level"),
    ],
)
def test_what_cannot_stand_is_named_at_its_field(
    client_of: ClientOf, talk: Talk, wrong: dict[str, str], field: str
) -> None:
    answer = client_of("member").post("/cities/phatong/rounds/add/", typed(talk, **wrong))
    assert answer.status_code == 422
    assert f'href="#id_{field}' in answer.content.decode()
    assert Round.objects.count() == 1


def test_a_version_of_another_plan_is_refused(talk: Talk, other_city: City, source: Source) -> None:
    theirs = make_talk(other_city, source)
    with pytest.raises(ValidationError):
        save_round(SYSTEM, new_round(talk.plan), values(talk, version=theirs.version))


def test_every_level_promises_something_in_plain_words(talk: Talk) -> None:
    assert set(PROMISES) == set(Level)
    assert len({str(promise(level)) for level in Level}) == 5
    assert str(promise(talk.round.level))[:30] in text_of(Client().get(f"/rounds/{talk.ref}/"))


def test_a_round_ends_today_once(client_of: ClientOf, talk: Talk) -> None:
    browser = client_of("member")
    assert browser.post(f"/rounds/{talk.ref}/end/").status_code == 302
    again = Round.objects.get(pk=talk.round.pk)
    assert again.ends_on == timezone.localdate()
    assert again.is_open()
    with pytest.raises(Refused):
        end_round(SYSTEM, again)
    coming = save_round(SYSTEM, new_round(talk.plan), values(talk) | days(3, 9))
    with pytest.raises(Refused):
        end_round(SYSTEM, coming)


def days(opens: int, closes: int) -> dict[str, Any]:
    today = timezone.localdate()
    return {"opens_on": today + timedelta(days=opens), "closes_on": today + timedelta(days=closes)}


def test_a_circle_is_called_as_it_calls_itself_and_gets_a_link_printed_once(
    client_of: ClientOf, talk: Talk, city: City, source: Source
) -> None:
    mine = group(city, source, "แรงงานข้ามชาติ")
    browser = client_of("member")
    form = {"name_th": "กลุ่มแรงงานข้ามชาติบ้านพรุ", "group": str(mine.pk), "expected": "30"}
    assert browser.post(f"/rounds/{talk.ref}/circles/add/", form).status_code == 302
    circle = Circle.objects.get()
    assert (circle.group, circle.expected) == (mine, 30)
    paper = browser.post(f"/rounds/{talk.ref}/circles/{circle.pk}/link/")
    page = paper.content.decode()
    assert page.count("<svg") >= 5
    shown = page.split('class="address" translate="no">')[1].split("</span></p>")[0]
    address = re.sub("<[^>]*>", "", shown)
    pieces = re.findall(r'<span class="ab">([^<]*)</span>', shown + "</span>")
    assert "".join(pieces) == address
    assert all(piece.endswith("/") for piece in pieces), "lines end at slashes only"
    circle.refresh_from_db()
    assert circle.digest is not None
    assert circle.digest not in page
    phone = Client()
    phone.get(address)
    assert phone.get("/circle/").status_code == 302
    assert address not in browser.get(f"/rounds/{talk.ref}/circles/").content.decode()


def test_a_new_link_takes_the_place_of_the_older_one(talk: Talk) -> None:
    circle, token = make_circle(talk.round)
    from khlong.deliberation.circles import make_link

    make_link(SYSTEM, circle)
    phone = Client()
    phone.get(f"/k/{token}/")
    assert phone.get("/circle/").status_code == 404


def test_a_circle_of_another_city_or_of_two_kinds_is_refused(
    talk: Talk, other_city: City, source: Source
) -> None:
    theirs = group(other_city, source, "ชาวเล")
    with pytest.raises(ValidationError) as refused:
        save_circle(SYSTEM, Circle(round=talk.round), {"name_th": "ชาวเล", "group": theirs})
    assert "group" in refused.value.message_dict
    assert not Circle.objects.exists()


@pytest.mark.parametrize("who", ["anonymous", "observer", "stranger"])
def test_only_the_working_group_sees_and_makes_links(client_of: ClientOf, talk: Talk, who: str) -> None:
    circle, _token = make_circle(talk.round)
    browser = client_of(who)
    for page in ("circles/", "circles/add/", f"circles/{circle.pk}/edit/", "edit/"):
        assert browser.get(f"/rounds/{talk.ref}/{page}").status_code in {302, 403}
    for page in (f"circles/{circle.pk}/link/", f"circles/{circle.pk}/withdraw/", "end/"):
        assert browser.post(f"/rounds/{talk.ref}/{page}").status_code in {302, 403}
    circle.refresh_from_db()
    assert circle.withdrawn_on is None


def test_the_city_leads_to_its_round(client_of: ClientOf, talk: Talk) -> None:
    browser = client_of("anonymous")
    assert "/rounds/?city=phatong" in browser.get("/cities/phatong/").content.decode()
    assert f"/rounds/{talk.ref}/" in browser.get("/rounds/?city=phatong").content.decode()
    assert f"/rounds/{talk.ref}/" not in browser.get("/rounds/?city=bo-yang").content.decode()
    assert "/cities/phatong/rounds/add/" in client_of("member").get("/cities/phatong/").content.decode()


def test_a_city_without_a_plan_or_a_version_has_nothing_to_send(client_of: ClientOf, city: City) -> None:
    assert client_of("member").get("/cities/phatong/rounds/add/").status_code == 404
