"""The wrapper of every action: it asks, it notes, and else nothing has happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from khlong.people import policy
from khlong.people.actor import ANONYMOUS, Actor, ActorKind, account_actor, system_actor
from khlong.people.models import User
from khlong.people.policy import Policy, Verb
from khlong.record import actions
from khlong.record.actions import Act, action, changed_fields, guard, registered
from khlong.record.errors import CommandRefused, EditConflict, Refused
from khlong.record.models import AuditEntry, Stamp

SYSTEM = system_actor("job")


class OwnAccount(Policy[User]):
    """For these tests: everybody may change their own account."""

    model = User

    def can(self, actor: Actor, verb: Verb, obj: User) -> bool:
        return actor.user == obj


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Actions, guards and a policy that end with the test."""
    monkeypatch.setattr(actions, "_actions", {})
    monkeypatch.setattr(actions, "_guards", {})
    monkeypatch.setattr(policy, "_policies", {User: OwnAccount()})


@pytest.fixture
def somying() -> User:
    return User.objects.create_user("somying")


def rename(
    name: str = "people.account.rename", *, ask: bool = True, note: bool = True
) -> Callable[..., User]:
    """An action that gives an account a new name to show."""

    @action(name)
    def run(act: Act, user: User, display_name: str) -> User:
        """Give a name."""
        if ask:
            act.require(Verb.CHANGE, user)
        user.display_name = display_name
        user.save()
        if note:
            act.note(user, fields=["display_name"])
        return user

    return run


def stored(user: User) -> str:
    return User.objects.get(pk=user.pk).display_name


def stamp() -> int:
    return Stamp.objects.get().number


def test_an_action_gives_what_its_function_gives_and_keeps_its_name_and_words(somying: User) -> None:
    run = rename()
    assert run(account_actor(somying), somying, "สมหญิง") is somying
    assert (stored(somying), run.__name__, run.__doc__) == ("สมหญิง", "run", "Give a name.")
    assert registered() == {"people.account.rename": run}


def test_what_was_done_is_noted_by_whom_to_what_and_in_which_fields(somying: User) -> None:
    rename()(account_actor(somying), somying, "สมหญิง")
    line = AuditEntry.objects.get()
    assert (line.actor, line.actor_kind, line.action) == ("somying", "account", "people.account.rename")
    assert (line.model, line.object_id, line.fields) == ("people.User", str(somying.pk), ["display_name"])
    assert (line.ref, line.space, line.on_behalf_of) == ("", None, "")


def test_the_audit_holds_names_of_fields_and_never_a_value_or_a_real_name(somying: User) -> None:
    rename()(account_actor(somying), somying, "สมหญิง ใจดี")
    rename("second")(SYSTEM, somying, "สมหญิง ใจร้าย")
    everything = " ".join(str(value) for row in AuditEntry.objects.values() for value in row.values())
    assert "สมหญิง" not in everything


def test_a_scribe_is_noted_with_the_pseudonym_of_whom_they_write_for(somying: User) -> None:
    scribe = Actor(ActorKind.SCRIBE, label="somying", user=somying, on_behalf_of="PTG-K7")
    rename()(scribe, somying, "ส")
    assert AuditEntry.objects.get().on_behalf_of == "PTG-K7"


def test_a_refused_action_has_written_nothing(somying: User) -> None:
    with pytest.raises(Refused):
        rename()(ANONYMOUS, somying, "x")
    assert (stored(somying), AuditEntry.objects.count(), stamp()) == ("", 0, 0)


def test_an_action_that_asks_no_policy_is_a_fault_and_is_undone(somying: User) -> None:
    with pytest.raises(RuntimeError, match=r"people\.account\.rename asked no policy"):
        rename(ask=False)(SYSTEM, somying, "x")
    assert (stored(somying), AuditEntry.objects.count(), stamp()) == ("", 0, 0)


def test_an_action_that_notes_nothing_is_a_fault_and_is_undone(somying: User) -> None:
    with pytest.raises(RuntimeError, match=r"people\.account\.rename noted nothing in the audit"):
        rename(note=False)(account_actor(somying), somying, "x")
    assert (stored(somying), AuditEntry.objects.count()) == ("", 0)


def test_an_action_may_say_that_nothing_was_to_be_done(somying: User) -> None:
    @action("people.account.keep")
    def keep(act: Act, user: User) -> None:
        act.require(Verb.CHANGE, user)
        act.nothing()

    keep(SYSTEM, somying)
    assert (AuditEntry.objects.count(), stamp()) == (0, 0)


def test_an_action_that_breaks_in_the_middle_is_undone(somying: User) -> None:
    @action("people.account.break")
    def broken(act: Act, user: User) -> None:
        act.require(Verb.CHANGE, user)
        user.display_name = "half"
        user.save()
        act.note(user, fields=["display_name"])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken(SYSTEM, somying)
    assert (stored(somying), AuditEntry.objects.count()) == ("", 0)


def test_an_action_within_another_is_undone_with_it(somying: User) -> None:
    inner = rename()

    @action("people.account.outer")
    def outer(act: Act, user: User) -> None:
        act.require(Verb.CHANGE, user)
        inner(act.actor, user, "inner")
        raise Refused

    with pytest.raises(Refused):
        outer(SYSTEM, somying)
    assert (stored(somying), AuditEntry.objects.count()) == ("", 0)


def test_each_action_that_did_something_raises_the_stamp_by_one(somying: User) -> None:
    run = rename()
    for number in range(3):
        run(SYSTEM, somying, f"{number}")
    assert stamp() == 3


def test_an_undone_transaction_undoes_the_stamp(somying: User) -> None:
    with transaction.atomic():
        rename()(SYSTEM, somying, "x")
        transaction.set_rollback(True)
    assert (stamp(), AuditEntry.objects.count()) == (0, 0)


def test_the_system_may_do_what_no_policy_allows_but_a_guard_holds_it_too(somying: User) -> None:
    run = rename()

    @guard("people.account.rename")
    def frozen(act: Act, obj: Any) -> None:
        if obj.display_name == "frozen":
            raise Refused("the name is frozen")

    assert run(SYSTEM, somying, "frozen").display_name == "frozen"
    with pytest.raises(Refused, match="the name is frozen"):
        run(SYSTEM, somying, "thawed")
    assert stored(somying) == "frozen"


def test_a_guard_is_asked_after_the_policy_and_only_for_its_own_action(somying: User) -> None:
    asked: list[str] = []

    @guard("people.account.rename")
    def mine(act: Act, obj: Any) -> None:
        asked.append(act.name)

    @guard("another")
    def others(act: Act, obj: Any) -> None:
        raise Refused

    run = rename()
    with pytest.raises(Refused):
        run(ANONYMOUS, somying, "x")
    assert asked == []
    run(account_actor(somying), somying, "x")
    assert asked == ["people.account.rename"]


def test_two_actions_of_one_name_are_a_fault() -> None:
    rename()
    with pytest.raises(RuntimeError, match=r"two actions are called people\.account\.rename"):
        rename()


def test_a_refusal_carries_its_reason_or_plain_words() -> None:
    assert str(Refused("The plan is frozen.").reason) == "The plan is frozen."
    assert str(Refused().reason)


def test_a_conflict_holds_both_sides_apart_from_what_was_given() -> None:
    current = {"text": "now"}
    conflict = EditConflict(current=current, base=None, revision=3, by="owner")
    current["text"] = "later"
    assert (conflict.current, conflict.base, conflict.revision, conflict.by) == (
        {"text": "now"},
        {},
        3,
        "owner",
    )
    assert str(conflict) == "revision 3 stands already"


def test_a_refused_command_says_one_line() -> None:
    assert str(CommandRefused("there is no city")) == "there is no city"


def test_only_the_fields_that_differ_are_set_and_named(somying: User) -> None:
    assert changed_fields(somying, {"display_name": "ส", "email": "", "username": "somying"}) == [
        "display_name"
    ]
    assert somying.display_name == "ส"
    assert changed_fields(somying, {"display_name": "ส"}) == []


def test_a_field_that_points_nowhere_yet_counts_as_changed(city: Any, source: Any) -> None:
    unsaved = type(city)()
    assert changed_fields(unsaved, {"source": source, "basin_th": ""}) == ["source"]
