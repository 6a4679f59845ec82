"""A version on its way: draft, open for suggestions, adopted, replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from khlong.chain.models import Edge, EdgeKind, Kind
from khlong.chain.things import new_thing
from khlong.network.actions import save_meeting
from khlong.network.models import Meeting
from khlong.places.models import City, Source
from khlong.record import actions as record
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry, OutboxFact
from khlong.strategy.actions import make_version
from khlong.strategy.models import Plan, Version, VersionState
from khlong.strategy.tests.makers import SYSTEM, add, whole_plan
from khlong.strategy.versions import Adoption, adopt, close_review, open_review

DAY = date(2026, 8, 2)
HOW = Adoption(DAY, "ที่ประชุมคณะทำงานเห็นชอบทั้งฉบับ")


@pytest.fixture
def plan(city: City, source: Source) -> Plan:
    return whole_plan(city, source)


@pytest.fixture
def first(plan: Plan) -> Version:
    return make_version(SYSTEM, plan)


def next_version(plan: Plan) -> Version:
    add(plan, f"ส่วนที่ {plan.versions.count()}")
    return make_version(SYSTEM, plan)


def states(plan: Plan) -> list[str]:
    return [*plan.versions.order_by("number").values_list("state", flat=True)]


def status(plan: Plan) -> str:
    return Plan.objects.get(pk=plan.pk).status


def meeting(city: City, source: Source) -> Meeting:
    made = new_thing(Meeting, Kind.MEETING, space=city.node)
    return save_meeting(SYSTEM, made, {"name_th": "ประชุมใหญ่", "source": source})


def test_a_version_begins_as_a_draft_is_opened_and_adopted_and_the_plan_follows(
    plan: Plan, first: Version
) -> None:
    assert (states(plan), status(plan)) == (["draft"], "draft")
    open_review(SYSTEM, first)
    assert (states(plan), status(plan)) == (["review"], "review")
    adopt(SYSTEM, first, HOW)
    assert (states(plan), status(plan)) == (["adopted"], "adopted")
    kept = Version.objects.get(pk=first.pk)
    assert (kept.adopted_on, kept.adoption_note) == (DAY, HOW.note)
    told = OutboxFact.objects.filter(name__startswith="strategy.version.").order_by("pk")
    assert [fact.name.rpartition(".")[2] for fact in told] == ["draft", "review", "adopted"]


def test_a_newer_version_starts_as_a_draft_while_the_adopted_one_holds(plan: Plan, first: Version) -> None:
    adopt(SYSTEM, first, HOW)
    second = next_version(plan)
    assert (states(plan), status(plan)) == (["adopted", "draft"], "adopted")
    open_review(SYSTEM, second)
    assert (states(plan), status(plan)) == (["adopted", "review"], "review")
    adopt(SYSTEM, second, HOW)
    assert (states(plan), status(plan)) == (["replaced", "adopted"], "adopted")


def test_the_review_of_an_older_version_ends_when_a_newer_one_is_opened(plan: Plan, first: Version) -> None:
    open_review(SYSTEM, first)
    open_review(SYSTEM, next_version(plan))
    assert states(plan) == ["replaced", "review"]


def test_only_the_newest_version_is_opened_or_adopted(plan: Plan, first: Version) -> None:
    next_version(plan)
    steps: list[Callable[[], Version]] = [
        lambda: open_review(SYSTEM, first),
        lambda: adopt(SYSTEM, first, HOW),
    ]
    for step in steps:
        with pytest.raises(Refused, match="2"):
            step()
    assert states(plan) == ["draft", "draft"]


def test_what_is_adopted_is_not_opened_again_and_what_stands_is_not_noted_twice(
    plan: Plan, first: Version
) -> None:
    open_review(SYSTEM, first)
    open_review(SYSTEM, first)
    adopt(SYSTEM, first, HOW)
    adopt(SYSTEM, first, HOW)
    with pytest.raises(Refused):
        open_review(SYSTEM, first)
    assert AuditEntry.objects.filter(action="strategy.version.adopt", model="strategy.Version").count() == 1


def test_a_review_opened_by_mistake_is_taken_back(plan: Plan, first: Version) -> None:
    with pytest.raises(Refused):
        close_review(SYSTEM, first)
    open_review(SYSTEM, first)
    close_review(SYSTEM, first)
    assert (states(plan), status(plan)) == (["draft"], "draft")


BAD = [
    (Adoption(None, "เห็นชอบ"), {"day"}),
    (Adoption(DAY, "  "), {"note"}),
    (Adoption(None, ""), {"day", "note"}),
]


@pytest.mark.parametrize(("how", "fields"), BAD)
def test_an_adoption_without_day_or_words_is_refused_at_its_field(
    plan: Plan, first: Version, how: Adoption, fields: set[str]
) -> None:
    with pytest.raises(ValidationError) as caught:
        adopt(SYSTEM, first, how)
    assert set(caught.value.message_dict) == fields
    assert states(plan) == ["draft"]


def test_a_day_to_come_is_refused(plan: Plan, first: Version) -> None:
    with pytest.raises(ValidationError) as caught:
        adopt(SYSTEM, first, Adoption(timezone.localdate() + timedelta(days=2), "เห็นชอบ"))
    assert set(caught.value.message_dict) == {"day"}


def test_the_meeting_that_adopted_leads_to_the_plan(
    plan: Plan, first: Version, city: City, source: Source
) -> None:
    held = meeting(city, source)
    adopt(SYSTEM, first, Adoption(DAY, "เห็นชอบ", held))
    edge = Edge.objects.get(up=held.pk, down=plan.pk)
    assert (edge.kind, edge.version) == (EdgeKind.LEADS_TO, f"{plan.ref} v1")
    assert Version.objects.get(pk=first.pk).adopted_in == held


def test_a_meeting_of_another_city_does_not_adopt_this_plan(
    plan: Plan, first: Version, other_city: City, source: Source
) -> None:
    with pytest.raises(ValidationError) as caught:
        adopt(SYSTEM, first, Adoption(DAY, "เห็นชอบ", meeting(other_city, source)))
    assert set(caught.value.message_dict) == {"meeting"}


@pytest.fixture
def owed(monkeypatch: pytest.MonkeyPatch) -> list[Version]:
    """A guard as the room of suggestions has one, for as long as the test runs."""
    asked: list[Version] = []
    monkeypatch.setattr(record, "_guards", {})

    @record.guard("strategy.version.adopt")
    def _(act: Any, version: Version) -> None:
        asked.append(version)
        raise Refused("ยังค้างคำตอบ 3 ข้อ")

    return asked


def test_a_guard_of_another_room_holds_an_adoption_back(
    plan: Plan, first: Version, owed: list[Version]
) -> None:
    with pytest.raises(Refused, match="3"):
        adopt(SYSTEM, first, HOW)
    assert owed == [first]
    assert states(plan) == ["draft"]


@pytest.mark.parametrize("name", ["anonymous", "observer", "stranger"])
def test_who_does_not_write_the_plan_neither_opens_nor_adopts(
    plan: Plan, first: Version, cast: Any, name: str
) -> None:
    actor = cast.actors[name]
    steps: list[Callable[[], Version]] = [
        lambda: open_review(actor, first),
        lambda: close_review(actor, first),
        lambda: adopt(actor, first, HOW),
    ]
    for step in steps:
        with pytest.raises(Refused):
            step()
    assert states(plan) == ["draft"]


def test_the_database_itself_keeps_one_adopted_version(plan: Plan, first: Version) -> None:
    adopt(SYSTEM, first, HOW)
    next_version(plan)
    with pytest.raises(IntegrityError), transaction.atomic():
        plan.versions.update(state=VersionState.ADOPTED)
