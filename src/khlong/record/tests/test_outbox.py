"""Facts for other rooms: written with what happened, heard once by each handler, in order for each object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from khlong.people import policy
from khlong.people.actor import Actor, account_actor, system_actor
from khlong.people.models import User
from khlong.people.policy import Policy, Verb
from khlong.record import actions, outbox
from khlong.record.actions import Act, action
from khlong.record.models import FactApplied, FactState, OutboxFact, Stamp
from khlong.record.outbox import Fact, deliver, on_fact, retry_fact

SYSTEM = system_actor("test")


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Actions and handlers that end with the test."""
    monkeypatch.setattr(actions, "_actions", {})
    monkeypatch.setattr(outbox, "_handlers", {})


@pytest.fixture
def somying() -> User:
    return User.objects.create_user("somying")


def rename() -> Callable[..., None]:
    """An action that tells others."""

    @action("people.account.rename")
    def run(act: Act, user: User, number: int, *, fail: bool = False) -> None:
        act.require(Verb.CHANGE, user)
        user.save()
        act.note(user, fields=["display_name"])
        act.fact("people.account.renamed", user, {"number": number})
        if fail:
            raise ZeroDivisionError

    return run


def tell(name: str = "people.account.renamed", obj: str = "1", **more: Any) -> OutboxFact:
    return OutboxFact.objects.create(name=name, model="people.User", object_id=obj, **more)


@pytest.fixture
def heard() -> list[Fact]:
    found: list[Fact] = []

    @on_fact("people.account.renamed")
    def hear(fact: Fact) -> None:
        found.append(fact)

    return found


def due_now() -> None:
    OutboxFact.objects.filter(state=FactState.WAITING).update(next_try_at=timezone.now())


def test_a_fact_is_written_with_what_happened_and_heard_after_it(somying: User, heard: list[Fact]) -> None:
    rename()(SYSTEM, somying, 7)
    assert heard == []
    assert deliver() == 1
    (fact,) = heard
    assert (fact.name, fact.model, fact.object_id) == (
        "people.account.renamed",
        "people.User",
        str(somying.pk),
    )
    assert fact.data == {"number": 7}
    assert deliver() == 0
    assert len(heard) == 1
    assert OutboxFact.objects.get().state == FactState.DONE


def test_an_action_that_is_undone_tells_nothing(somying: User) -> None:
    run = rename()
    with pytest.raises(ZeroDivisionError):
        run(SYSTEM, somying, 1, fail=True)
    with transaction.atomic():
        run(SYSTEM, somying, 1)
        transaction.set_rollback(True)
    assert OutboxFact.objects.count() == 0


def test_a_fact_of_an_action_that_noted_nothing_is_a_fault(somying: User) -> None:
    @action("people.account.hint")
    def hint(act: Act, user: User) -> None:
        act.require(Verb.CHANGE, user)
        act.fact("people.account.hinted", user)
        act.nothing()

    with pytest.raises(RuntimeError, match="told a fact without noting"):
        hint(SYSTEM, somying)


def test_a_fact_about_something_new_knows_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    class Anybody(Policy[User]):
        model = User

        def can(self, actor: Actor, verb: Verb, obj: User) -> bool:
            return True

    @action("people.account.make")
    def make(act: Act) -> User:
        made = User(username="prani")
        act.require(Verb.ADD, made)
        act.fact("people.account.made", made)
        made.save()
        act.note(made)
        return made

    monkeypatch.setattr(policy, "_policies", {User: Anybody()})
    made = make(account_actor(User(username="somying")))
    assert OutboxFact.objects.get().object_id == str(made.pk)


def test_a_fact_that_nobody_listens_to_is_done() -> None:
    row = tell("nobody.listens")
    assert deliver() == 1
    row.refresh_from_db()
    assert row.state == FactState.DONE


def test_facts_of_one_object_keep_their_order_even_while_the_first_is_tried_again() -> None:
    heard = []
    broken = [True]

    @on_fact("people.account.renamed")
    def hear(fact: Fact) -> None:
        if fact.data["number"] == 1 and broken[0]:
            raise ZeroDivisionError
        heard.append((fact.object_id, fact.data["number"]))

    for obj, number in (("a", 1), ("a", 2), ("b", 3), ("a", 4)):
        tell(obj=obj, data={"number": number})
    deliver()
    assert heard == [("b", 3)]
    broken[0] = False
    due_now()
    deliver()
    assert heard == [("b", 3), ("a", 1), ("a", 2), ("a", 4)]


def test_a_fact_that_a_worker_holds_is_left_alone_and_so_are_the_later_ones_of_its_object(
    heard: list[Fact],
) -> None:
    first, second = tell(data={"number": 1}), tell(data={"number": 2})
    taken = outbox._taken()
    assert taken == first
    assert deliver() == 0
    assert heard == []
    OutboxFact.objects.filter(pk=first.pk).update(next_try_at=timezone.now())
    assert deliver() == 2
    assert [fact.data["number"] for fact in heard] == [1, 2]
    second.refresh_from_db()
    assert second.state == FactState.DONE


def test_a_handler_that_has_heard_a_fact_does_not_hear_it_again_when_another_fails() -> None:
    calls = {"good": 0, "bad": 0}

    @on_fact("people.account.renamed")
    def good(fact: Fact) -> None:
        calls["good"] += 1

    @on_fact("people.account.renamed")
    def bad(fact: Fact) -> None:
        calls["bad"] += 1
        if calls["bad"] == 1:
            raise ZeroDivisionError

    tell()
    deliver()
    due_now()
    deliver()
    assert calls == {"good": 1, "bad": 2}
    assert FactApplied.objects.count() == 2


def test_what_a_handler_writes_and_that_it_heard_are_one_transaction() -> None:
    tries = []

    @on_fact("people.account.renamed")
    def half(fact: Fact) -> None:
        tries.append(1)
        Stamp.objects.update(number=len(tries))
        if len(tries) == 1:
            raise ZeroDivisionError

    tell()
    deliver()
    assert (Stamp.objects.get().number, FactApplied.objects.count()) == (0, 0)
    due_now()
    deliver()
    assert (Stamp.objects.get().number, FactApplied.objects.count()) == (2, 1)


def test_a_handler_that_breaks_a_rule_of_the_database_is_not_taken_for_having_heard() -> None:
    @on_fact("people.account.renamed")
    def twice(fact: Fact) -> None:
        raise IntegrityError

    row = tell()
    deliver()
    row.refresh_from_db()
    assert (row.state, row.error) == (
        FactState.WAITING,
        f"{twice.__module__}.{twice.__qualname__}: IntegrityError",
    )


def test_after_some_tries_a_fact_is_given_up_and_the_later_ones_go_on() -> None:
    heard = []

    @on_fact("people.account.renamed")
    def hear(fact: Fact) -> None:
        if fact.data["number"] == 1:
            raise ZeroDivisionError("สมหญิง")
        heard.append(fact.data["number"])

    dead = tell(data={"number": 1})
    tell(data={"number": 2})
    for _try in range(outbox.TRIES):
        assert heard == []
        deliver()
        due_now()
    deliver()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, heard) == (FactState.DEAD, outbox.TRIES, [2])
    assert "ZeroDivisionError" in dead.error
    assert "สมหญิง" not in dead.error


def test_a_fact_that_was_given_up_may_be_delivered_again(heard: list[Fact]) -> None:
    row = tell(state=FactState.DEAD, attempts=6)
    retry_fact(SYSTEM, row)
    deliver()
    assert len(heard) == 1
    row.refresh_from_db()
    retry_fact(SYSTEM, row)
    assert deliver() == 0


def test_delivered_facts_are_forgotten_after_a_time_and_those_given_up_much_later() -> None:
    long_ago = timezone.now() - timedelta(days=15)
    tell(state=FactState.DONE, ended_at=long_ago)
    tell(state=FactState.DEAD, ended_at=long_ago)
    tell(at=long_ago)
    assert outbox.clean(timezone.now()) == 1
    assert outbox.clean(timezone.now() + timedelta(days=200)) == 1
    assert [row.state for row in OutboxFact.objects.all()] == [FactState.WAITING]
