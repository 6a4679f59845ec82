"""A token lets a programme act for somebody: within its cities, reading or writing, until its day."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import timezone

from khlong.people import entering, throttle
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, Role
from khlong.people.models import ApiToken, User
from khlong.people.tokens import MOST, PREFIX, actor_from_bearer, make_token, revoke_token

pytestmark = pytest.mark.django_db
AuditEntry: Any = apps.get_model("record.AuditEntry")


def coming_with(text: str, kind: str = "Bearer") -> Actor | None:
    return actor_from_bearer(RequestFactory().get("/", headers={"Authorization": f"{kind} {text}"}))


def test_a_token_acts_for_its_account_and_is_kept_as_a_hash_only(cast: Any, city: Any) -> None:
    made, text = make_token(cast.member, "โปรแกรมแผนที่", writes=True)
    actor = coming_with(text)
    assert actor is not None
    assert (actor.kind, actor.user, actor.label) == (ActorKind.TOKEN, cast.member, "member")
    assert actor.holds(city.pk, Role.MEMBER)
    assert text.startswith(PREFIX)
    assert text not in str(ApiToken.objects.values().get())
    assert made.begins == text[:11]
    line = AuditEntry.objects.get(action="people.token.make")
    assert (line.actor, line.fields) == ("member", ["token"])


def test_a_token_that_reads_has_an_observers_role_and_one_of_another_city_none(
    cast: Any, city: Any, other_city: Any
) -> None:
    reads = coming_with(make_token(cast.owner, "a")[1])
    elsewhere = coming_with(make_token(cast.owner, "b", spaces=[other_city.pk], writes=True)[1])
    assert reads is not None
    assert elsewhere is not None
    assert {grant.role for grant in reads.grants} == {Role.OBSERVER}
    assert elsewhere.grants == frozenset()


def test_no_token_has_the_power_of_a_steward(cast: Any) -> None:
    actor = coming_with(make_token(cast.steward, "a", writes=True)[1])
    assert actor is not None
    assert not actor.is_steward


@pytest.mark.parametrize("ending", ["revoked", "expired", "closed", "unknown"])
def test_a_token_that_does_not_hold_is_nobody(cast: Any, ending: str) -> None:
    made, text = make_token(cast.member, "a")
    if ending == "revoked":
        revoke_token(cast.member, made)
    elif ending == "expired":
        ApiToken.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    elif ending == "closed":
        User.objects.filter(pk=cast.member.pk).update(is_active=False)
    assert coming_with(text + ("x" if ending == "unknown" else "")) == ANONYMOUS


def test_without_a_token_of_ours_the_session_decides(cast: Any) -> None:
    assert actor_from_bearer(RequestFactory().get("/")) is None
    assert coming_with("eyJ.not.ours") is None
    assert coming_with(make_token(cast.member, "a")[1], kind="Basic") is None


def test_guessing_tokens_is_slowed_down(cast: Any) -> None:
    text = make_token(cast.member, "a")[1]
    for number in range(throttle.LINKS_PER_ADDRESS):
        coming_with(f"{PREFIX}{number}")
    assert coming_with(text) == ANONYMOUS


def test_the_day_of_the_last_use_is_kept_and_nothing_finer(cast: Any, django_assert_num_queries: Any) -> None:
    text = make_token(cast.member, "a")[1]
    coming_with(text)
    assert ApiToken.objects.get().last_used_on == timezone.localdate()
    with django_assert_num_queries(2):
        coming_with(text)


def test_nobody_revokes_the_token_of_somebody_else(cast: Any) -> None:
    made, text = make_token(cast.member, "a")
    revoke_token(cast.owner, made)
    actor = coming_with(text)
    assert actor is not None
    assert actor.signed_in
    assert not AuditEntry.objects.filter(action="people.token.revoke").exists()


@pytest.mark.parametrize("days", [0, 367])
def test_a_token_always_ends(cast: Any, days: int) -> None:
    with pytest.raises(ValidationError) as refused:
        make_token(cast.member, "a", days=days)
    assert set(refused.value.message_dict) == {"days"}


def test_tokens_that_hold_are_counted(cast: Any) -> None:
    for number in range(MOST):
        make_token(cast.member, str(number))
    with pytest.raises(ValidationError):
        make_token(cast.member, "one more")
    revoke_token(cast.member, ApiToken.objects.all()[0])
    make_token(cast.member, "in its place")


def test_who_comes_with_a_token_is_its_actor_whatever_the_session_says(client: Any, cast: Any) -> None:
    client.force_login(cast.steward)
    text = make_token(cast.member, "a")[1]
    response = client.get("/", headers={"Authorization": f"Bearer {text}"})
    assert response.wsgi_request.actor.label == "member"


# --- the page ---------------------------------------------------------------------------------


def test_a_token_is_made_shown_once_listed_and_revoked(client_of: Any, cast: Any, city: Any) -> None:
    client = client_of("member")
    proved(client)
    assert client.get("/account/tokens/").status_code == 200
    shown = client.post(
        "/account/tokens/", {"name": "แผนที่", "space": str(city.pk), "writes": "on", "days": "30"}
    )
    text = shown.context["text"]
    actor = coming_with(text)
    assert actor is not None
    assert actor.holds(city.pk, Role.MEMBER)
    page = client.get("/account/tokens/").content.decode()
    assert text[:11] in page
    assert text not in page
    assert client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 302
    assert coming_with(text) == ANONYMOUS


def test_a_token_in_a_city_where_one_has_no_role_is_refused_with_what_was_typed(
    client_of: Any, cast: Any, other_city: Any
) -> None:
    client = client_of("member")
    proved(client)
    refused = client.post("/account/tokens/", {"name": "แผนที่", "space": str(other_city.pk), "days": "400"})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"space", "days"}
    assert "แผนที่" in refused.content.decode()
    assert not ApiToken.objects.exists()


def test_making_a_token_asks_for_a_fresh_proof_and_nobody_revokes_anothers(client_of: Any, cast: Any) -> None:
    made, _text = make_token(cast.owner, "a")
    client = client_of("member")
    assert "/account/confirm/" in client.get("/account/tokens/")["Location"]
    proved(client)
    assert client.post(f"/account/tokens/{made.pk}/revoke/").status_code == 404


def proved(client: Any) -> None:
    """As after a password given a moment ago."""
    session = client.session
    session[entering.CONFIRMED] = int(time.time())
    session.save()
