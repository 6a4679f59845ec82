"""The registry of policies, and the actor that each request carries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client, RequestFactory

from khlong.people import policy
from khlong.people.actor import ANONYMOUS, Actor, system_actor
from khlong.people.context import actor as actor_for_templates
from khlong.people.middleware import ActorMiddleware, actor_of
from khlong.people.models import Attempt, User
from khlong.people.policy import Policy, Verb


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    fresh: dict[Any, Any] = {}
    monkeypatch.setattr(policy, "_policies", fresh)
    return fresh


class SystemOnly(Policy[Attempt]):
    model = Attempt

    def can(self, actor: Actor, verb: Verb, obj: Attempt) -> bool:
        return actor.is_system

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Attempt]) -> QuerySet[Attempt]:
        return queryset if actor.is_system else queryset.none()


def test_a_registered_policy_answers_for_its_model_and_for_its_objects(
    registry: dict[Any, Any], db: None
) -> None:
    policy.register(SystemOnly)
    made = Attempt.objects.create(key="x")
    assert policy.can(system_actor("job"), Verb.VIEW, made)
    assert not policy.can(ANONYMOUS, Verb.VIEW, made)
    assert list(policy.scope(system_actor("job"), Attempt.objects.all())) == [made]
    assert list(policy.scope(ANONYMOUS, Attempt.objects.all(), Verb.CHANGE)) == []


def test_a_model_has_one_policy(registry: dict[Any, Any]) -> None:
    policy.register(SystemOnly)
    with pytest.raises(RuntimeError, match="Attempt has two policies"):
        policy.register(SystemOnly)


def test_without_a_policy_nothing_is_answered(registry: dict[Any, Any]) -> None:
    with pytest.raises(KeyError, match="User has no policy"):
        policy.can(ANONYMOUS, Verb.VIEW, User())
    with pytest.raises(KeyError, match="User has no policy"):
        policy.scope(ANONYMOUS, User.objects.all())


def test_a_policy_that_forgot_a_rule_does_not_answer_yes() -> None:
    with pytest.raises(NotImplementedError):
        Policy[Attempt]().can(ANONYMOUS, Verb.VIEW, Attempt())
    with pytest.raises(NotImplementedError):
        Policy[Attempt]().scope(ANONYMOUS, Verb.VIEW, Attempt.objects.all())


def test_a_request_that_met_no_middleware_is_nobodys() -> None:
    assert actor_of(RequestFactory().get("/")) is ANONYMOUS


def test_the_actor_of_a_request_is_looked_up_only_when_somebody_asks() -> None:
    looked: list[str] = []

    class Request:
        headers: dict[str, str] = {}
        session: dict[str, str] = {}

        @property
        def user(self) -> User:
            looked.append("user")
            return User(username="somying")

    request: Any = Request()
    ActorMiddleware(lambda _request: None)(request)  # type: ignore[arg-type, return-value]
    assert looked == []
    assert actor_of(request).label == "somying"
    assert actor_for_templates(request)["actor"].label == "somying"
    assert looked == ["user"]


def test_a_page_knows_who_reads_it(db: None, client: Client) -> None:
    assert not client.get("/signin/").context["actor"].signed_in
    client.force_login(User.objects.create_user("somying"))
    assert client.get("/signin/").context["actor"].label == "somying"
