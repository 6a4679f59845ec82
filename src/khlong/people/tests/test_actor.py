from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from khlong.people import actor as actors
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, Grant, Role, account_actor, system_actor
from khlong.people.models import User


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying")


def test_nobody_in_particular_has_no_role_and_is_not_signed_in() -> None:
    assert (ANONYMOUS.signed_in, ANONYMOUS.is_steward, ANONYMOUS.is_system) == (False, False, False)
    assert ANONYMOUS.grants == frozenset()
    assert not ANONYMOUS.holds(uuid4(), *Role)


def test_the_programme_acts_under_the_name_of_its_job() -> None:
    job = system_actor("loader")
    assert (job.is_system, job.label, job.signed_in, job.kind) == (True, "loader", False, ActorKind.SYSTEM)


def test_an_account_acts_under_its_user_name_and_never_under_a_real_name(db: None) -> None:
    user = User.objects.create_user("somying", display_name="สมหญิง ใจดี")
    assert account_actor(user).label == "somying"
    assert str(user) == "สมหญิง ใจดี"


def test_a_role_holds_in_its_own_space_only(cast: Any, city: Any, other_city: Any) -> None:
    member = cast.actors["member"]
    assert member.holds(city.pk, Role.MEMBER)
    assert member.holds(city.pk, Role.OWNER, Role.MEMBER)
    assert not member.holds(city.pk, Role.OWNER)
    assert not member.holds(other_city.pk, *Role)
    assert not member.holds(None, *Role)


def test_spaces_are_those_in_which_one_of_the_roles_is_held(cast: Any, city: Any, other_city: Any) -> None:
    assert cast.actors["stranger"].spaces(Role.MEMBER) == {other_city.pk}
    assert cast.actors["observer"].spaces(Role.OWNER, Role.MEMBER) == frozenset()
    assert cast.actors["observer"].spaces(Role.OBSERVER) == {city.pk}


def test_roles_are_asked_for_once_per_actor(cast: Any, city: Any, django_assert_num_queries: Any) -> None:
    member = account_actor(cast.member)
    with django_assert_num_queries(1):
        for _time in range(3):
            member.holds(city.pk, Role.MEMBER)
            member.spaces(*Role)


def test_a_closed_account_has_no_role_and_is_no_steward(cast: Any) -> None:
    for user in (cast.owner, cast.steward):
        user.is_active = False
        assert account_actor(user).grants == frozenset()
        assert not account_actor(user).is_steward


def test_roles_come_from_all_who_provide_them(somying: User, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = Grant(uuid4(), Role.OWNER), Grant(uuid4(), Role.OBSERVER)
    monkeypatch.setattr(actors, "_providers", [])
    actors.provide_roles(lambda user: [here] if user == somying else [])
    actors.provide_roles(lambda user: [there])
    assert account_actor(somying).grants == {here, there}


def test_two_actors_are_equal_by_what_an_audit_line_shows(somying: User) -> None:
    assert account_actor(somying) == Actor(ActorKind.ACCOUNT, label="somying")
    assert account_actor(somying) != Actor(ActorKind.SCRIBE, label="somying", on_behalf_of="PTG-7")
