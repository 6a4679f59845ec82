"""Owners and stewards publish the words of consent; the working group writes down what was agreed to on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.people import keys
from khlong.people.models import Subject
from khlong.privacy.models import Consent, ConsentText
from khlong.privacy.queries import in_force
from khlong.privacy.tests.makers import NAME, WITNESS, agreed, words
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def in_english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def text_form(**more: str) -> dict[str, str]:
    return {
        "base": "0",
        "th": "{keeper}เก็บเบอร์โทรไว้แจ้งผล",
        "en": "{keeper} keeps a number",
        "months": "12",
        **more,
    }


def test_an_owner_publishes_words_and_who_agreed_before_stays_with_the_older_ones(
    client_of: As, city: Any
) -> None:
    owner, address = client_of("owner"), f"/privacy/cities/{city.pk}/words/contact/"
    before = agreed(city)
    assert words().words["th"] in owner.get(address).context["form"]["th"].value()
    assert owner.post(address, text_form()).status_code == 302
    made = ConsentText.objects.get(space=city.pk)
    assert (made.version, made.months, made.is_draft, made.sensitive) == (1, 12, True, False)
    assert next(text for text in in_force(city.pk) if text.purpose == "contact") == made
    before.refresh_from_db()
    assert before.text == words()
    assert owner.post(address, text_form(base="1", th="คำใหม่", confirmed="on")).status_code == 302
    newest = ConsentText.objects.get(space=city.pk, version=2)
    assert (newest.words["th"], newest.is_draft) == ("คำใหม่", False)
    made.refresh_from_db()
    assert made.words["en"] == "{keeper} keeps a number"
    assert "คำใหม่" in owner.get(f"/privacy/cities/{city.pk}/words/").content.decode()
    assert AuditEntry.objects.filter(action="privacy.text.publish", actor="owner").count() == 2


def test_words_that_were_read_before_somebody_else_published_are_not_put_over_hers(
    client_of: As, city: Any
) -> None:
    owner, address = client_of("owner"), f"/privacy/cities/{city.pk}/words/contact/"
    owner.post(address, text_form())
    late = owner.post(address, text_form(th="คำของคนช้า"))
    assert late.status_code == 422
    assert late.context["form"]["th"].value() == "คำของคนช้า"
    assert ConsentText.objects.filter(space=city.pk).count() == 1
    assert late.context["form"]["base"].value() == "1"


def test_publishing_the_same_words_again_makes_no_version(client_of: As, city: Any) -> None:
    owner, address = client_of("owner"), f"/privacy/cities/{city.pk}/words/contact/"
    owner.post(address, text_form())
    assert owner.post(address, text_form(base="1")).status_code == 422
    assert ConsentText.objects.filter(space=city.pk).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"), [({"th": " "}, "th"), ({"months": "0"}, "months"), ({"months": "121"}, "months")]
)
def test_words_that_cannot_stand_are_refused_at_the_field(
    client_of: As, city: Any, wrong: dict[str, str], field: str
) -> None:
    refused = client_of("owner").post(f"/privacy/cities/{city.pk}/words/plan/", text_form(**wrong))
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {field}


def test_words_for_all_cities_are_the_stewards(client_of: As, city: Any, other_city: Any) -> None:
    steward = client_of("steward")
    form = text_form(base=str(words("plan").version))
    for who in ("owner", "member", "stranger"):
        assert client_of(who).get("/privacy/words/").status_code == 403
        assert client_of(who).post("/privacy/words/plan/", form).status_code == 403
    assert client_of("member").post(f"/privacy/cities/{city.pk}/words/plan/", text_form()).status_code == 403
    assert (
        client_of("owner").post(f"/privacy/cities/{other_city.pk}/words/plan/", text_form()).status_code
        == 403
    )
    assert Client().get("/privacy/words/").status_code == 302
    assert steward.get("/privacy/words/").status_code == 200
    assert steward.get("/privacy/words/nothing/").status_code == 404
    assert steward.post("/privacy/words/plan/", form).status_code == 302
    assert next(text for text in in_force(other_city.pk) if text.purpose == "plan").version == 2


# --- written down ---------------------------------------------------------------------------


def note_form(*purposes: str, **more: str) -> dict[str, Any]:
    texts = [words(purpose).pk for purpose in purposes or ("contact",)]
    typed = {"how": "paper", "name": NAME, "site": "ศาลากลางบ้าน", "day": "5 ม.ค. 2569", "language": "th"}
    return {**typed, "texts": texts, **more}


def test_a_consent_on_paper_is_written_down_sealed_and_taken_back_by_its_number(
    client_of: As, city: Any
) -> None:
    member = client_of("member")
    answer = member.post(f"/privacy/cities/{city.pk}/consents/add/", note_form("contact", "plan"))
    assert answer.status_code == 302
    noted = list(Consent.objects.all())
    assert len(noted) == 2
    assert Subject.objects.count() == 1
    assert {row.noted_by for row in noted} == {"member"}
    assert keys.read_all(noted, "name")[0]["name"] == NAME
    paper = member.get("/privacy/consents/noted/")
    receipt = paper.context["receipt"]
    assert receipt in paper.content.decode()
    assert NAME not in paper.content.decode()
    assert not any(NAME in str(value) for value in AuditEntry.objects.values_list())
    taken = client_of("owner").post(f"/privacy/cities/{city.pk}/receipt/", {"receipt": receipt})
    assert taken.status_code == 302
    assert Subject.objects.get().destroyed_on is not None


def test_what_was_spoken_names_its_witness(client_of: As, city: Any) -> None:
    member, address = client_of("member"), f"/privacy/cities/{city.pk}/consents/add/"
    refused = member.post(address, note_form(how="spoken"))
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"witness"}
    assert member.post(address, note_form(how="spoken", witness=WITNESS)).status_code == 302
    assert keys.read_all(list(Consent.objects.all()), "witness")[0]["witness"] == WITNESS


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"site": ""}, "site"),
        ({"day": ""}, "day"),
        ({"day": "1 ม.ค. 2590"}, "day"),
        ({"day": "ม.ค. 2569"}, "day"),
        ({"texts": []}, "texts"),
        ({"how": "own"}, "how"),
    ],
)
def test_a_consent_that_lacks_something_is_refused_at_the_field(
    client_of: As, city: Any, wrong: dict[str, Any], field: str
) -> None:
    refused = client_of("member").post(f"/privacy/cities/{city.pk}/consents/add/", note_form(**wrong))
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {field}
    assert not Consent.objects.exists()
    assert not Subject.objects.exists()


def test_health_needs_the_persons_own_mark_and_nothing_is_kept_without(client_of: As, city: Any) -> None:
    member, address = client_of("member"), f"/privacy/cities/{city.pk}/consents/add/"
    refused = member.post(address, note_form("contact", "help"))
    assert set(refused.context["form"].errors) == {"explicit"}
    assert not Subject.objects.exists()
    assert member.post(address, note_form("contact", "help", explicit="on")).status_code == 302
    assert Consent.objects.count() == 2


@pytest.mark.parametrize("who", ["observer", "stranger"])
def test_only_the_working_group_writes_consents_down(client_of: As, city: Any, who: str) -> None:
    client, address = client_of(who), f"/privacy/cities/{city.pk}/consents/add/"
    assert client.get(address).status_code == client.post(address, note_form()).status_code == 403
    assert not Consent.objects.exists()


def test_the_paper_is_for_who_wrote_it_down(client_of: As, city: Any) -> None:
    member = client_of("member")
    member.post(f"/privacy/cities/{city.pk}/consents/add/", note_form())
    assert client_of("owner").get("/privacy/consents/noted/").status_code == 302
    assert Client().get("/privacy/consents/noted/").status_code == 302
