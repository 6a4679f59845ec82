"""The pages of privacy: everybody sees her own, owners and stewards what they keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from khlong.people.models import Subject
from khlong.privacy import actions, registries, sittings
from khlong.privacy.models import ANSWER_DAYS, Breach, Consent, PersonRequest, Purpose
from khlong.privacy.queries import in_force
from khlong.privacy.tests.makers import SYSTEM, WITNESS, agreed, words
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def in_english(client_of: As, settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def page_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address, headers={"Accept-Language": "en"})
    assert response.status_code == status, address
    return response.content.decode()


def agree(client: Client, city: Any, purpose: str, **more: str) -> Any:
    return client.post(f"/privacy/agree/{city.pk}/", {"text": words(purpose).pk, **more})


def test_somebody_agrees_to_one_purpose_sees_it_and_takes_it_back(client_of: As, city: Any) -> None:
    client = client_of("stranger")
    assert agree(client, city, "plan").status_code == 302
    consent = Consent.objects.get()
    assert f"/privacy/consents/{consent.pk}/withdraw/" in page_of(client, "/privacy/")
    assert client.post(f"/privacy/consents/{consent.pk}/withdraw/").status_code == 302
    assert Subject.objects.get().destroyed_on is not None
    assert "withdraw" not in page_of(client, "/privacy/")


def asked_in(client: Client) -> set[Any]:
    """The cities that stand under "Agree" on one's own page."""
    return {space.uuid for space in client.get("/privacy/").context["others"]}


def test_only_cities_with_something_to_agree_to_are_named(
    client_of: As, city: Any, other_city: Any, programme: Any
) -> None:
    member, stranger = client_of("member"), client_of("stranger")
    assert (asked_in(member), asked_in(stranger)) == ({city.pk}, {other_city.pk})
    own = actions.publish_text(SYSTEM, city.pk, Purpose.PLAN, {"th": "ยินยอม"}, sensitive=False)
    assert asked_in(stranger) == {city.pk, other_city.pk}
    for text in in_force(city.pk):
        more = {f"text-{text.pk}-explicit": "on"} if text.sensitive else {}
        stranger.post(f"/privacy/agree/{city.pk}/", {"text": text.pk, **more})
    assert asked_in(stranger) == {other_city.pk}
    stranger.post(f"/privacy/consents/{Consent.objects.get(text=own).pk}/withdraw/")
    assert asked_in(stranger) == {city.pk, other_city.pk}


def test_who_works_in_no_city_is_asked_for_nothing(client_of: As, city: Any) -> None:
    nobody = client_of("steward")
    assert asked_in(nobody) == set()
    assert "/privacy/agree/" not in page_of(nobody, "/privacy/")
    agree(nobody, city, "plan")
    assert asked_in(nobody) == {city.pk}


def test_sensitive_data_without_the_mark_are_refused_at_the_field(client_of: As, city: Any) -> None:
    client = client_of("stranger")
    refused = agree(client, city, "help")
    assert refused.status_code == 422
    form = next(form for text, _words, form, _given in refused.context["rows"] if text.purpose == "help")
    assert set(form.errors) == {"explicit"}
    assert agree(client, city, "help", **{f"text-{words('help').pk}-explicit": "on"}).status_code == 302


def test_drafts_and_unconfirmed_rules_are_marked_on_the_page(client_of: As, city: Any) -> None:
    client = client_of("owner")
    for address in (f"/privacy/agree/{city.pk}/", "/privacy/breaches/", "/privacy/retention/",
                    "/privacy/processing/", f"/privacy/sitting/begin/{city.pk}/"):  # fmt: skip
        assert "○" in page_of(client, address), address


def test_everything_is_downloaded_for_people_and_for_programmes_and_noted(client_of: As, city: Any) -> None:
    client = client_of("stranger")
    agree(client, city, "plan")
    mine = f"/privacy/mine/{Subject.objects.get().pk}/download"
    told = json.loads(client.post(f"{mine}/json/").content)
    assert told["kept"][0]["values"]
    with ZipFile(BytesIO(client.post(f"{mine}/docx/").content)) as file:
        assert b"w:tbl" in file.read("word/document.xml")
    assert client.post(f"{mine}/exe/").status_code == 404
    assert AuditEntry.objects.filter(action="privacy.person.hand_over", actor="stranger").count() == 2


def test_nobody_touches_what_is_kept_of_somebody_else(client_of: As, city: Any) -> None:
    agree(client_of("stranger"), city, "plan")
    subject, consent = Subject.objects.get(), Consent.objects.get()
    for name in ("member", "owner", "steward"):
        client = client_of(name)
        for address in (f"/privacy/consents/{consent.pk}/withdraw/", f"/privacy/mine/{subject.pk}/withdraw/",
                        f"/privacy/mine/{subject.pk}/ask/", f"/privacy/mine/{subject.pk}/download/json/"):  # fmt: skip
            assert client.post(address).status_code == 404, (name, address)
    assert Consent.objects.filter(withdrawn_on=None).exists()


def test_what_somebody_asks_reaches_the_owner_who_answers(client_of: As, city: Any) -> None:
    client = client_of("stranger")
    agree(client, city, "plan")
    subject = Subject.objects.get()
    prefix = f"ask-{subject.pk.hex[:8]}"
    ask = f"/privacy/mine/{subject.pk}/ask/"
    refused = client.post(ask, {f"{prefix}-kind": "correct", f"{prefix}-words": ""})
    assert refused.status_code == 422
    assert client.post(ask, {f"{prefix}-kind": "correct", f"{prefix}-words": "ช่วยแก้"}).status_code == 302
    asked, owner = PersonRequest.objects.get(), client_of("owner")
    assert f"/privacy/requests/{asked.pk}/" in page_of(owner, f"/privacy/cities/{city.pk}/")
    assert "ช่วยแก้" in page_of(owner, f"/privacy/requests/{asked.pk}/")
    assert client_of("member").get(f"/privacy/requests/{asked.pk}/").status_code == 404
    assert owner.post(f"/privacy/requests/{asked.pk}/", {"answer": ""}).status_code == 422
    assert owner.post(f"/privacy/requests/{asked.pk}/", {"answer": "แก้แล้ว"}).status_code == 302
    assert "แก้แล้ว" in page_of(client, "/privacy/")


def test_counts_below_five_are_not_shown(client_of: As, city: Any) -> None:
    for _ in range(4):
        agreed(city, purpose="plan")
    for _ in range(6):
        agreed(city)
    rows = {
        row.purpose: row for row in client_of("owner").get(f"/privacy/cities/{city.pk}/").context["tallies"]
    }
    shown = sorted((row.stand for row in rows.values()), key=str)
    assert shown == [0, 0, 6, None]


@pytest.mark.parametrize(
    ("name", "sees"),
    [("owner", True), ("steward", True), ("member", False), ("observer", False), ("stranger", False)],
)
def test_owners_and_stewards_see_what_is_kept(client_of: As, city: Any, name: str, sees: bool) -> None:
    client = client_of(name)
    for address in (
        f"/privacy/cities/{city.pk}/",
        "/privacy/breaches/",
        "/privacy/retention/",
        "/privacy/processing/",
    ):
        assert client.get(address).status_code == (200 if sees else 403), address


def test_nobody_in_particular_is_led_to_the_door(client: Client, city: Any) -> None:
    for address in (f"/privacy/agree/{city.pk}/", "/privacy/breaches/", f"/privacy/cities/{city.pk}/",
                    f"/privacy/sitting/begin/{city.pk}/"):  # fmt: skip
        response = client.get(address)
        assert response.status_code == 302, address
        assert "/signin/" in response["Location"]


def test_everybody_reads_what_is_kept_of_people_for_how_long_and_how_it_is_taken_back(
    client: Client, settings: Any
) -> None:
    html = page_of(client, "/privacy/")
    text = " ".join(unescape(strip_tags(html)).split())
    for one in in_force(None):
        assert one.in_words("en", "the city") in text
        assert str(one.get_purpose_display()).capitalize() in text
    for activity in registries.activities():
        for words_of in (activity.title, activity.purpose, activity.people, activity.data, activity.kept):
            assert str(words_of) in text
        assert str(activity.basis) not in text
    for period in registries.periods():
        assert f"{period.title}" in text
        assert f"{period.why}" in text
    assert "with the number on the paper" in text
    assert f"within {ANSWER_DAYS} days ○" in text
    assert "The working group of the city that gave the paper." in text
    assert 'href="/signin/?next=/privacy/"' in html
    assert "Take back all I agreed to in this city" not in text
    settings.KHLONG = dict(settings.KHLONG) | {"contact": "074-000-000"}
    assert "074-000-000" in page_of(client, "/privacy/")


def test_a_period_that_a_room_adds_stands_on_the_public_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    periods = dict(registries._periods)
    monkeypatch.setattr(registries, "_periods", periods)
    keeps, why = timedelta(days=77), "for nothing"
    registries.retention(registries.Period("x.y", "Sketches", keeps, why, lambda _before, *, dry: 0))
    assert "77 days" in page_of(client, "/privacy/")


def test_the_foot_of_every_page_leads_to_what_is_kept_of_people(
    client: Client, client_of: As, city: Any
) -> None:
    for reader in (client, client_of("member")):
        foot = page_of(reader, "/cities/phatong/").partition("<footer")[2]
        assert '<a href="/privacy/">What is kept of people</a>' in foot


def test_below_it_stands_what_is_kept_of_oneself(client_of: As, city: Any) -> None:
    client = client_of("stranger")
    agree(client, city, "plan")
    common, _mark, own = page_of(client, "/privacy/").partition('id="mine"')
    assert "How to take it back" in common
    assert "Take back all I agreed to in this city" in own
    assert "Take back all I agreed to in this city" not in common


def test_a_city_that_is_none_is_not_found(client_of: As, city: Any) -> None:
    for address in ("/privacy/agree/{}/", "/privacy/cities/{}/", "/privacy/sitting/begin/{}/"):
        assert client_of("owner").get(address.format(uuid4())).status_code == 404


BREACH = {"noticed_day": "1 มกราคม 2569", "noticed_clock": "๑๔.๓๐ น.", "what": "มีคนเห็นรายชื่อ", "kinds": "ชื่อ"}


def test_a_breach_is_logged_and_added_to(client_of: As, city: Any) -> None:
    owner = client_of("owner")
    assert owner.post(f"/privacy/breaches/add/{city.pk}/", BREACH).status_code == 302
    made = Breach.objects.get()
    here = timezone.localtime(made.noticed_at)
    assert (here.year, here.month, here.day, here.hour, here.minute, made.people) == (
        2026,
        1,
        1,
        14,
        30,
        None,
    )
    page = page_of(owner, f"/privacy/breaches/{made.pk}/")
    assert "มีคนเห็นรายชื่อ" in page
    later = {**BREACH, "people": "12", "office_day": "2 มกราคม 2569", "office_clock": "9:00"}
    assert owner.post(f"/privacy/breaches/{made.pk}/", later).status_code == 302
    made.refresh_from_db()
    assert (made.people, made.hours_left(timezone.now())) == (12, None)
    fields = (
        AuditEntry.objects.filter(action="privacy.breach.save")
        .order_by("pk")
        .values_list("fields", flat=True)
    )
    assert list(fields)[1] == ["office_told_at", "people"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"noticed_day": "มกราคม 2569"}, "noticed_day"),
        ({"noticed_clock": "25:00"}, "noticed_clock"),
        ({"what": ""}, "what"),
        ({"noticed_day": "1 มกราคม 2590"}, "noticed_day"),
        ({"office_day": "1 มกราคม 2590"}, "office_day"),
    ],
)
def test_a_breach_that_cannot_be_is_refused_at_the_field(
    client_of: As, city: Any, wrong: dict[str, str], field: str
) -> None:
    refused = client_of("owner").post(f"/privacy/breaches/add/{city.pk}/", BREACH | wrong)
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {field}
    assert not Breach.objects.exists()


def test_a_breach_of_the_house_is_logged_by_stewards_only(client_of: As, city: Any, other_city: Any) -> None:
    assert client_of("owner").post("/privacy/breaches/add/", BREACH).status_code == 403
    assert client_of("owner").post(f"/privacy/breaches/add/{other_city.pk}/", BREACH).status_code == 403
    assert client_of("steward").post("/privacy/breaches/add/", BREACH).status_code == 302
    assert client_of("owner").get(f"/privacy/breaches/{Breach.objects.get().pk}/").status_code == 404


def test_the_time_that_is_left_is_told(client_of: As, city: Any) -> None:
    values = {"noticed_at": timezone.now() - timedelta(hours=80), "what": "x", "data": "y"}
    late = actions.save_breach(SYSTEM, Breach(space=city.pk), values)
    rows = client_of("owner").get("/privacy/breaches/").context["rows"]
    assert [(row, left < 0) for row, _where, left in rows] == [(late, True)]


def test_a_steward_removes_what_is_over_and_an_owner_only_reads(client_of: As, city: Any) -> None:
    assert client_of("owner").post("/privacy/retention/").status_code == 403
    assert client_of("steward").post("/privacy/retention/").status_code == 302


def test_a_sitting_is_begun_seen_on_every_page_and_ended(client_of: As, city: Any) -> None:
    client, begin = client_of("member"), f"/privacy/sitting/begin/{city.pk}/"
    assert client.post(begin, {"how": "spoken", "site": "บ้าน"}).status_code == 422
    refused = client.post(begin, {"how": "spoken", "site": "บ้าน", "agreed": "on"})
    assert set(refused.context["form"].errors) == {"witness"}
    data = {"how": "spoken", "site": "บ้าน", "witness": WITNESS, "agreed": "on"}
    assert client.post(begin, data).status_code == 302
    receipt = sittings.receipt_of(Consent.objects.get())
    assert receipt in page_of(client, "/privacy/sitting/")
    pseudonym = client.session[sittings.HELD][1]
    for address in ("/", "/cities/", f"/cities/{city.slug}/"):
        assert pseudonym in page_of(client, address)
    assert client.get(begin).status_code == 302
    assert client.post("/privacy/sitting/end/").status_code == 302
    assert pseudonym not in page_of(client, "/")


def test_who_brings_the_paper_has_everything_taken_back(client_of: As, city: Any, other_city: Any) -> None:
    made, owner = agreed(city), client_of("owner")
    address, receipt = f"/privacy/cities/{city.pk}/receipt/", sittings.receipt_of(made)
    for wrong in ("xyz", "00000000"):
        assert owner.post(address, {"receipt": wrong}).status_code == 422
    assert client_of("member").post(address, {"receipt": receipt}).status_code == 403
    assert owner.post(address, {"receipt": receipt}).status_code == 302
    made.refresh_from_db()
    assert made.withdrawn_on is not None


def test_an_account_page_leads_to_what_one_may_do(client_of: As, city: Any) -> None:
    assert f"/privacy/sitting/begin/{city.pk}/" in page_of(client_of("member"), "/account/")
    assert f"/privacy/cities/{city.pk}/" in page_of(client_of("owner"), "/account/")
    stranger = page_of(client_of("stranger"), "/account/")
    assert 'href="/privacy/"' in stranger
    assert "/privacy/breaches/" not in stranger
