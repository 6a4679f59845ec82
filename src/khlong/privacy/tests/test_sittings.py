"""A scribe writes for somebody: the audit knows the scribe and a pseudonym, and nothing knows a name."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from khlong.people.actor import ActorKind
from khlong.people.keys import KeyGoneError
from khlong.people.pseudonyms import contributing, pseudonym_of
from khlong.privacy import sittings
from khlong.privacy.actions import give_consent, withdraw_everything
from khlong.privacy.models import Consent
from khlong.privacy.tests.makers import SYSTEM, WITNESS, agreed, on_paper, words
from khlong.record.actions import Act
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(cast: Any, city: Any) -> Consent:
    said = on_paper(how="spoken", name="", nameless=True, witness=WITNESS)
    return give_consent(cast.actors["member"], words(), city.pk, said)


def holding(client: Client, consent: Consent, pseudonym: str) -> None:
    request = RequestFactory().get("/")
    request.session = client.session
    sittings.hold(request, consent, pseudonym)
    request.session.save()


def test_the_consent_of_a_sitting_holds_no_name(consent: Consent) -> None:
    assert consent.name is None
    assert len(sittings.receipt_of(consent)) == 8


def test_the_audit_shows_the_scribe_and_the_pseudonym_and_never_a_name(
    cast: Any, city: Any, client_of: Callable[[str], Client], consent: Consent
) -> None:
    pseudonym = sittings.begin_sitting(cast.actors["member"], consent)
    assert pseudonym == pseudonym_of(consent.subject, city.pk)
    client = client_of("member")
    holding(client, consent, pseudonym)
    actor = client.get("/").wsgi_request.actor  # type: ignore[attr-defined]
    assert (actor.kind, actor.label, actor.on_behalf_of) == (ActorKind.SCRIBE, "member", pseudonym)
    assert contributing(actor, city.pk).on_behalf_of == pseudonym
    client.post(f"/cities/{city.slug}/edit/", _as_it_stands(client, city))
    line = AuditEntry.objects.get(action="places.city.save", actor_kind="scribe")
    assert (line.actor, line.on_behalf_of, line.space) == ("member", pseudonym, city.pk)
    assert not any(word in str(list(AuditEntry.objects.values())) for word in WITNESS.split())


def _as_it_stands(client: Client, city: Any) -> dict[str, Any]:
    form = client.get(f"/cities/{city.slug}/edit/").context["form"]
    values = {name: form[name].value() for name in form.fields}
    shown = {
        name: str(value) if not isinstance(value, list) else value for name, value in values.items() if value
    }
    return shown | {"basin_th": "ลุ่มน้ำคลองอู่ตะเภา"}


def test_a_sitting_ends_by_itself_and_when_it_is_ended(
    cast: Any, client_of: Callable[[str], Client], consent: Consent, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("member")
    holding(client, consent, "ลำพู-1000")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + sittings.SECONDS + 1)
    assert client.get("/").wsgi_request.actor.kind is ActorKind.ACCOUNT  # type: ignore[attr-defined]
    assert sittings.HELD not in client.session


def test_a_sitting_belongs_to_one_session_and_ends_with_it(
    client_of: Callable[[str], Client], consent: Consent
) -> None:
    client = client_of("member")
    holding(client, consent, "ลำพู-1000")
    assert client_of("member").get("/").wsgi_request.actor.on_behalf_of == ""  # type: ignore[attr-defined]
    client.post("/signout/")
    assert client.get("/").wsgi_request.actor.kind is ActorKind.ANONYMOUS  # type: ignore[attr-defined]


def test_only_those_who_write_in_a_city_write_there_for_somebody(
    cast: Any, city: Any, consent: Consent
) -> None:
    for name in ("stranger", "observer", "anonymous"):
        assert not sittings.may_sit(cast.actors[name], city.pk)
        with pytest.raises(Refused):
            sittings.begin_sitting(cast.actors[name], consent)
    assert sittings.may_sit(cast.actors["owner"], city.pk)


def test_nobody_writes_for_somebody_who_has_taken_everything_back(cast: Any, city: Any) -> None:
    made = agreed(city)
    withdraw_everything(SYSTEM, made.subject)
    made.subject.refresh_from_db()
    with pytest.raises(KeyGoneError):
        sittings.begin_sitting(cast.actors["member"], made)


def test_an_act_of_a_scribe_names_both(cast: Any, city: Any, consent: Consent) -> None:
    from khlong.people.actor import scribe_actor

    act = Act(scribe_actor(cast.member, "ลำพู-1000"), "x.y.z")
    act.note(city)
    assert (act.entries[0].actor, act.entries[0].on_behalf_of) == ("member", "ลำพู-1000")
