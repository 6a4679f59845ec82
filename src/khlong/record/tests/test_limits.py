"""How often somebody may do the same: counted for each actor, in the database, refused in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from khlong.people import policy
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, account_actor, system_actor
from khlong.people.models import User
from khlong.people.policy import Policy, Verb
from khlong.record import actions, limits
from khlong.record.actions import Act, action
from khlong.record.errors import Refused, TooMany
from khlong.record.limits import Limit
from khlong.record.middleware import AddressMiddleware, RefusalMiddleware
from khlong.record.models import ActionUse

SYSTEM = system_actor("test")
HOUR = timedelta(hours=1)


class Anybody(Policy[User]):
    """For these tests: everybody may do everything but with an account called closed."""

    model = User

    def can(self, actor: Actor, verb: Verb, obj: User) -> bool:
        return obj.username != "closed"


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(actions, "_actions", {})
    monkeypatch.setattr(policy, "_policies", {User: Anybody()})


@pytest.fixture
def somying() -> User:
    return User.objects.create_user("somying")


@pytest.fixture
def poke() -> Callable[[Actor, User], None]:
    """An action that may be done three times an hour."""

    @action("people.account.poke", limit=Limit(3, per=HOUR))
    def run(act: Act, user: User) -> None:
        act.require(Verb.CHANGE, user)
        act.note(user)

    return run


def later(monkeypatch: pytest.MonkeyPatch, after: timedelta) -> None:
    moment = timezone.now() + after
    monkeypatch.setattr("khlong.record.limits.timezone.now", lambda: moment)


def times(poke: Callable[[Actor, User], None], actor: Actor, user: User, most: int = 10) -> int:
    """How often it may be done."""
    for count in range(most):
        try:
            poke(actor, user)
        except TooMany:
            return count
    return most


def test_after_so_many_times_it_is_refused_with_when_to_try_again(somying: User, poke: Any) -> None:
    actor = account_actor(somying)
    for _time in range(3):
        poke(actor, somying)
    with pytest.raises(Refused) as refusal:
        poke(actor, somying)
    assert isinstance(refusal.value, TooMany)
    again = timezone.localtime(refusal.value.again_at)
    assert f"{again:%H:%M}" in str(refusal.value)
    assert timedelta(minutes=58) < refusal.value.again_at - timezone.now() <= HOUR


def test_when_the_time_is_over_it_may_be_done_again(
    somying: User, poke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = account_actor(somying)
    assert times(poke, actor, somying) == 3
    with monkeypatch.context() as patch:
        later(patch, timedelta(minutes=59))
        assert times(poke, actor, somying) == 0
    with monkeypatch.context() as patch:
        later(patch, timedelta(minutes=61))
        assert times(poke, actor, somying) == 3


def test_each_account_link_and_address_is_counted_by_itself(somying: User, poke: Any) -> None:
    other = User.objects.create_user("prani")
    one, two = (Actor(ActorKind.LINK, label="link", link=digest) for digest in ("a" * 64, "b" * 64))
    for actor in (account_actor(somying), account_actor(other), one, two):
        assert times(poke, actor, somying) == 3
    for where in ("10.0.0.7", "10.0.0.8"):
        token = limits.address.set(where)
        assert times(poke, ANONYMOUS, somying) == 3
        limits.address.reset(token)


def test_an_account_is_one_however_it_acts(somying: User, poke: Any) -> None:
    assert times(poke, account_actor(somying), somying) == 3
    scribe = Actor(ActorKind.SCRIBE, label="somying", user=somying, on_behalf_of="PTG-K7")
    assert times(poke, scribe, somying) == 0


def test_another_action_is_counted_by_itself(somying: User, poke: Any) -> None:
    @action("people.account.nudge", limit=Limit(1, per=HOUR))
    def nudge(act: Act, user: User) -> None:
        act.require(Verb.CHANGE, user)
        act.note(user)

    actor = account_actor(somying)
    assert times(poke, actor, somying) == 3
    nudge(actor, somying)


def test_the_programme_itself_has_no_limit(somying: User, poke: Any) -> None:
    assert times(poke, SYSTEM, somying) == 10
    assert ActionUse.objects.count() == 0


def test_what_was_refused_is_not_counted(somying: User, poke: Any) -> None:
    closed = User.objects.create_user("closed")
    actor = account_actor(somying)
    for _time in range(5):
        with pytest.raises(Refused) as refusal:
            poke(actor, closed)
        assert not isinstance(refusal.value, TooMany)
    assert times(poke, actor, somying) == 3


def test_the_table_holds_neither_address_nor_name(somying: User, poke: Any) -> None:
    token = limits.address.set("10.0.0.7")
    poke(ANONYMOUS, somying)
    limits.address.reset(token)
    poke(account_actor(somying), somying)
    everything = " ".join(str(value) for row in ActionUse.objects.values() for value in row.values())
    assert "10.0.0.7" not in everything
    assert str(somying.pk) not in everything


def test_old_counts_are_forgotten(somying: User, poke: Any) -> None:
    poke(account_actor(somying), somying)
    assert limits.clean(timezone.now()) == 0
    assert limits.clean(timezone.now() + timedelta(days=8)) == 1


@pytest.mark.parametrize(("most", "per"), [(0, HOUR), (1, timedelta()), (1, timedelta(days=2))])
def test_a_limit_is_at_least_one_within_a_week(most: int, per: timedelta) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limit(most, per)


@pytest.mark.parametrize(("hours", "word"), [(1, "at 11:00"), (13, "at 23:00"), (15, "tomorrow at 01:00")])
def test_the_words_say_on_which_day(hours: int, word: str) -> None:
    from django.utils.translation import override

    now = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.get_current_timezone())
    with override("en"):
        assert word in str(limits.too_many(now + timedelta(hours=hours), now))


def test_a_page_that_was_asked_for_too_often_answers_429_and_says_when(somying: User) -> None:
    request = RequestFactory().post("/")
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    again = timezone.now() + timedelta(seconds=90)
    answer = RefusalMiddleware(lambda _request: HttpResponse()).process_exception(
        request, TooMany("Try again later.", again)
    )
    assert answer is not None
    assert answer.status_code == 429
    assert 80 <= int(answer["Retry-After"]) <= 90
    assert "Try again later." in answer.content.decode()


def test_the_address_holds_for_one_request_only() -> None:
    seen = []

    def page(_request: Any) -> HttpResponse:
        seen.append(limits.address.get())
        return HttpResponse()

    AddressMiddleware(page)(RequestFactory().get("/", REMOTE_ADDR="10.0.0.7"))
    assert seen == ["10.0.0.7"]
    assert limits.address.get() == ""
