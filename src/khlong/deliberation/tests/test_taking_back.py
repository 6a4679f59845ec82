"""Who spoke with her account finds all of it in her own file, takes it back, and nobody learns that it was she."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from khlong.deliberation.afterwards import agree
from khlong.deliberation.models import Agreement, Suggestion, Verdict
from khlong.deliberation.tests.answer_makers import Talk, answered, say, talk
from khlong.deliberation.verdicts import judge
from khlong.people.models import Pseudonym, Subject, User
from khlong.people.pseudonyms import contributing, of_account
from khlong.places.models import City, Source
from khlong.privacy.actions import Said, give_consent, hand_over, withdraw_everything
from khlong.privacy.models import How
from khlong.privacy.tests.makers import words as words_of_consent
from khlong.record.models import AuditEntry, Contribution

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
HERS, OTHERS, MISSING = "ขอเว้นหน้าท่าเรือ", "คำของคนอื่น", "ยังไม่บอกว่าเมื่อไร"


@pytest.fixture
def found(city: City, source: Source) -> Talk:
    return talk(city, source)


@pytest.fixture
def hers(found: Talk, cast: Any) -> Suggestion:
    """The stranger has an account, agreed to a purpose in the city, and suggested something there."""
    actor = cast.actors["stranger"]
    give_consent(actor, words_of_consent(), found.city.pk, Said(how=How.OWN))
    say(found, OTHERS, by="หิ่งห้อย-4821")
    return say(found, HERS, by=contributing(actor, found.city.pk).label)


def city_subject(cast: Any, found: Talk) -> Subject:
    return Subject.objects.get(account=cast.actors["stranger"].user, space=found.city.pk)


def whole_file(client: Client) -> str:
    response = client.post("/privacy/mine/download/json/")
    assert response.status_code == 200
    json.loads(response.content)
    return response.content.decode()


# --- what is told -----------------------------------------------------------------------------------------


def test_her_file_holds_what_she_said_in_every_city_and_her_account(
    found: Talk, hers: Suggestion, cast: Any, client_of: As
) -> None:
    actor = contributing(cast.actors["stranger"], found.city.pk)
    judge(actor, answered(hers), False, MISSING)
    agree(actor, Suggestion.objects.exclude(pk=hers.pk).get())
    told = whole_file(client_of("stranger"))
    with override("th"):
        supported = gettext("You mean the same as a suggestion")
    for text in (HERS, MISSING, supported, '"stranger"', found.city.name_th):
        assert text in told, text
    assert OTHERS not in told
    assert actor.label not in told, "a file that is found does not tell who bears a pseudonym"


@pytest.mark.parametrize("who", ["owner", "member", "observer", "steward"])
def test_nobody_elses_file_holds_it(hers: Suggestion, client_of: As, who: str) -> None:
    assert HERS not in whole_file(client_of(who))


def test_what_an_owner_may_hand_over_of_her_does_not_hold_it(
    found: Talk, hers: Suggestion, cast: Any, client_of: As
) -> None:
    subject = city_subject(cast, found)
    given = hand_over(cast.actors["owner"], subject, "card")
    assert given
    assert HERS not in str([row.values for row in given])
    assert client_of("owner").post(f"/privacy/mine/{subject.pk}/download/json/").status_code == 404


def test_the_file_of_one_city_that_she_takes_herself_holds_what_she_said_there(
    found: Talk, hers: Suggestion, cast: Any, client_of: As, other_city: City, source: Source
) -> None:
    name = contributing(cast.actors["stranger"], other_city.pk).label
    say(talk(other_city, source), "คำที่อีกเมือง", by=name)
    address = f"/privacy/mine/{city_subject(cast, found).pk}/download/json/"
    told = client_of("stranger").post(address).content.decode()
    assert HERS in told
    assert "คำที่อีกเมือง" not in told
    assert OTHERS not in told


def test_who_is_not_signed_in_gets_no_file(client: Client) -> None:
    assert client.post("/privacy/mine/download/json/").status_code == 302
    assert client.post("/privacy/mine/contributed/take-back/").status_code == 302


def test_what_she_takes_home_is_noted_in_no_city(hers: Suggestion, client_of: As) -> None:
    whole_file(client_of("stranger"))
    line = AuditEntry.objects.get(action="privacy.account.hand_over")
    assert (line.actor, line.space, line.fields) == ("stranger", None, ["handed over"])


# --- what is taken back -----------------------------------------------------------------------------------


def test_she_takes_back_what_she_said_in_a_city_and_the_answer_stays(
    found: Talk, hers: Suggestion, cast: Any, client_of: As
) -> None:
    user = cast.actors["stranger"].user
    actor = contributing(cast.actors["stranger"], found.city.pk)
    answer = answered(hers, reason="เพราะเรือกลับลำไม่ได้")
    judge(actor, answer, False, MISSING)
    other = Suggestion.objects.exclude(pk=hers.pk).get()
    agree(actor, other)
    agree(contributing(cast.actors["member"], found.city.pk), other)
    assert (
        client_of("stranger").post(f"/privacy/mine/contributed/{found.city.pk}/take-back/").status_code == 302
    )
    hers.refresh_from_db()
    hers.node.refresh_from_db()
    assert (hers.words, hers.by, hers.node.title_th.count(HERS)) == ("", "", 0)
    assert hers.answers.get().reason_th == "เพราะเรือกลับลำไม่ได้"
    assert Verdict.objects.get().words == ""
    assert Agreement.objects.count() == 1, "that somebody else means the same stays"
    other.refresh_from_db()
    assert other.words == OTHERS
    assert HERS not in whole_file(client_of("stranger"))
    assert of_account(user) == []


def test_nothing_leads_to_her_from_what_stays_and_she_may_speak_again(
    found: Talk, hers: Suggestion, cast: Any, client_of: As
) -> None:
    before = hers.by
    client_of("stranger").post("/privacy/mine/contributed/take-back/")
    lines = Contribution.objects.filter(action="deliberation.suggestion.take_back")
    assert [(line.actor, line.ref) for line in lines] == [(before, hers.ref)]
    assert not AuditEntry.objects.filter(action="deliberation.suggestion.take_back").exists()
    assert Pseudonym.objects.filter(name=before).exists(), "nobody else gets the name"
    assert contributing(cast.actors["stranger"], found.city.pk).label != before


def test_what_she_said_in_another_city_stays_unless_she_takes_all_back(
    found: Talk, hers: Suggestion, cast: Any, client_of: As, other_city: City, source: Source
) -> None:
    elsewhere = talk(other_city, source)
    there = say(elsewhere, "คำที่อีกเมือง", by=contributing(cast.actors["stranger"], other_city.pk).label)
    client = client_of("stranger")
    client.post(f"/privacy/mine/contributed/{found.city.pk}/take-back/")
    there.refresh_from_db()
    assert there.words == "คำที่อีกเมือง"
    assert "คำที่อีกเมือง" in whole_file(client)
    client.post("/privacy/mine/contributed/take-back/")
    there.refresh_from_db()
    assert there.words == ""


@pytest.mark.parametrize("who", ["owner", "member", "steward"])
def test_nobody_else_takes_it_back(found: Talk, hers: Suggestion, client_of: As, who: str) -> None:
    client = client_of(who)
    assert client.post(f"/privacy/mine/contributed/{found.city.pk}/take-back/").status_code == 404
    client.post("/privacy/mine/contributed/take-back/")
    assert client.post(f"/privacy/mine/contributed/{uuid4()}/take-back/").status_code == 404
    hers.refresh_from_db()
    assert hers.words == HERS


def test_an_owner_who_ends_her_consents_does_not_learn_which_suggestions_are_hers(
    found: Talk, hers: Suggestion, cast: Any
) -> None:
    withdraw_everything(cast.actors["owner"], city_subject(cast, found))
    hers.refresh_from_db()
    assert hers.words == HERS


# --- the page ---------------------------------------------------------------------------------------------


def test_her_page_says_what_is_taken_back_where_and_does_not_name_the_pseudonym(
    found: Talk, hers: Suggestion, client_of: As
) -> None:
    address = f"/privacy/mine/contributed/{found.city.pk}/take-back/"
    page = client_of("stranger").get("/privacy/").content.decode()
    assert address in page
    assert hers.by not in page
    assert address not in client_of("owner").get("/privacy/").content.decode()


def test_the_page_asks_the_database_as_often_for_many_suggestions_as_for_none(
    found: Talk, hers: Suggestion, cast: Any, client_of: As, other_city: City
) -> None:
    client = client_of("stranger")
    client.get("/privacy/")
    with CaptureQueriesContext(connection) as one:
        client.get("/privacy/")
    for number in range(10):
        say(found, f"ข้อ {number}", by=hers.by)
    contributing(cast.actors["stranger"], other_city.pk)
    with CaptureQueriesContext(connection) as many:
        client.get("/privacy/")
    assert len(many) == len(one)


def test_who_contributed_nothing_reads_that_nothing_stands_under_a_pseudonym(
    client_of: As, city: City
) -> None:
    page = client_of("stranger").get("/privacy/", headers={"Accept-Language": "en"}).content.decode()
    assert "Nothing stands under a pseudonym of yours." in page
    assert not Subject.objects.filter(account=User.objects.get(username="stranger")).exists()
