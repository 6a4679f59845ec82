from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from khlong.deliberation.models import Suggestion
from khlong.deliberation.rounds import end_round
from khlong.deliberation.standing import on_the_table, owed_of_plan
from khlong.deliberation.tests.answer_makers import SYSTEM, Talk, answered, make_round, say, talk
from khlong.deliberation.verdicts import judge
from khlong.people.actor import Actor
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.strategy.models import Version
from khlong.strategy.versions import Adoption, adopt
from khlong.thai.dates import format_date
from khlong.ui.text import no_break


@pytest.fixture
def found(city: City, source: Source) -> Talk:
    made = talk(city, source)
    end_round(SYSTEM, made.round)
    return made


@pytest.fixture
def owner(cast: Any) -> Actor:
    actor: Actor = cast.actors["owner"]
    return actor


def newest(found: Talk) -> Version:
    return found.plan.versions.order_by("-number")[0]


def adopted(found: Talk, actor: Actor) -> Version:
    how = Adoption(day=timezone.localdate(), note="ที่ประชุมคณะทำงานเห็นชอบ", meeting=None)
    return adopt(actor, newest(found), how)


def refusal(found: Talk, actor: Actor) -> Any:
    with pytest.raises(Refused) as refused:
        adopted(found, actor)
    return refused.value.reason


def test_a_version_is_not_adopted_while_an_answer_is_owed(found: Talk, owner: Actor) -> None:
    said = [say(found, "ก"), say(found, "ข")]
    assert "2" in refusal(found, owner)
    assert newest(found).state != "adopted"
    for one in said:
        answered(one)
    assert adopted(found, owner).state == "adopted"


def test_the_refusal_leads_to_what_is_owed_and_is_plain_where_there_are_no_links(
    found: Talk, owner: Actor
) -> None:
    say(found, "ก")
    reason = refusal(found, owner)
    for shown in (reason, str(reason)):
        assert f'href="/rounds/{found.round.ref}/answers/?state=owed"' in no_break(shown)
    assert "<" not in json.dumps(reason)


def test_a_rounds_name_cannot_bring_markup_into_the_refusal(found: Talk, owner: Actor) -> None:
    found.round.name_th = "<b>รอบ</b>"
    found.round.save()
    say(found, "ก")
    assert "<b>" not in no_break(refusal(found, owner))


def test_support_without_words_hidden_words_and_another_plans_suggestions_hold_nothing_back(
    found: Talk, owner: Actor, other_city: City, source: Source
) -> None:
    say(found, voice="support")
    say(found, "คำหยาบ", hidden_on=timezone.localdate())
    say(talk(other_city, source), "ของเมืองอื่น")
    assert adopted(found, owner).state == "adopted"


def test_an_answer_that_does_not_answer_holds_nothing_back(found: Talk, owner: Actor) -> None:
    judge(SYSTEM, answered(say(found, "ก")), False, "ไม่ตรง")
    assert adopted(found, owner).state == "adopted"


# --- before the round has ended ------------------------------------------------------------------------


def test_a_version_is_not_adopted_while_people_were_promised_more_days(found: Talk, owner: Actor) -> None:
    running = make_round(found.plan)
    reason = refusal(found, owner)
    assert format_date(running.closes_on) in reason
    with override("en"):
        assert format_date(running.closes_on, "en") in refusal(found, owner)
    assert f'href="/rounds/{running.ref}/"' in no_break(reason)
    assert "<" not in json.dumps(reason)
    end_round(SYSTEM, running)
    assert adopted(found, owner).state == "adopted"


def test_while_a_round_runs_the_refusal_tells_of_its_day_and_only_then_of_the_answers(
    found: Talk, owner: Actor
) -> None:
    say(found, "ก")
    running = make_round(found.plan)
    assert format_date(running.closes_on) in refusal(found, owner)
    end_round(SYSTEM, running)
    assert "answers/?state=owed" in no_break(refusal(found, owner))


def test_a_round_on_its_last_day_or_one_to_come_or_of_another_plan_holds_nothing_back(
    found: Talk, owner: Actor, other_city: City, source: Source
) -> None:
    today = timezone.localdate()
    make_round(found.plan, today - timedelta(days=30))
    make_round(found.plan, today + timedelta(days=1))
    make_round(talk(other_city, source).plan)
    assert adopted(found, owner).state == "adopted"


# --- late ones -----------------------------------------------------------------------------------------


def late(found: Talk) -> Suggestion:
    return say(found, "มาช้า", in_time=False)


def test_what_came_late_holds_nothing_back_and_stands_on_the_table_as_late(found: Talk, owner: Actor) -> None:
    said = late(found)
    assert list(on_the_table(found.round)) == [said]
    assert adopted(found, owner).state == "adopted"


def test_what_came_late_is_carried_into_the_next_round_and_owed_there(found: Talk, owner: Actor) -> None:
    said, in_time = late(found), say(found, "ทันเวลา")
    answered(in_time)
    following = make_round(found.plan, found.round.opens_on + timedelta(days=40))
    last = make_round(found.plan, found.round.opens_on + timedelta(days=80))
    assert list(on_the_table(following)) == [said]
    assert not on_the_table(last).exists()
    assert list(owed_of_plan(found.plan)) == [said]
    refusal(found, owner)
    answered(said)
    assert adopted(found, owner).state == "adopted"


def test_the_rounds_of_another_plan_carry_nothing_on(found: Talk, other_city: City, source: Source) -> None:
    late(found)
    elsewhere = talk(other_city, source)
    assert not on_the_table(make_round(elsewhere.plan, found.round.opens_on + timedelta(days=40))).exists()
    assert not owed_of_plan(found.plan).exists()
