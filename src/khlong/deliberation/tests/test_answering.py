from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from khlong.deliberation import answering
from khlong.deliberation.answering import Reply
from khlong.deliberation.models import Answer, Suggestion
from khlong.deliberation.standing import accepted_of, last_answer, outcome_of, owed
from khlong.deliberation.tests.answer_makers import (
    BANK,
    Talk,
    answered,
    reply,
    say,
    talk,
    words_now,
)
from khlong.network.minutes import save_decision, save_minutes
from khlong.network.models import Decision, Minutes
from khlong.network.tests.makers import make_meeting
from khlong.people.actor import Actor
from khlong.places.models import City, Source
from khlong.record.errors import EditConflict, Refused
from khlong.record.models import AuditEntry, OutboxFact
from khlong.strategy.actions import save_passage
from khlong.strategy.models import Language, PassageRevision
from khlong.strategy.tests.makers import SYSTEM, passage_of


@pytest.fixture
def found(city: City, source: Source) -> Talk:
    return talk(city, source)


@pytest.fixture
def member(cast: Any) -> Actor:
    actor: Actor = cast.actors["member"]
    return actor


def refused_fields(error: Any) -> set[str]:
    return set(error.value.message_dict)


def test_an_answer_bears_its_reason_its_author_and_its_day(found: Talk, member: Actor) -> None:
    said = say(found, "ขอเว้นหน้าท่าเรือ")
    made = answering.answer(member, said, reply("declined", "  ที่ดินเป็นของการรถไฟ  ", reason_en="Railway land"))
    assert (made.outcome, made.reason_th, made.by) == ("declined", "ที่ดินเป็นของการรถไฟ", "member")
    assert (made.on, made.number, made.changed) == (timezone.localdate(), 1, None)
    assert not owed().exists()


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_an_answer_without_a_reason_is_refused_and_nothing_is_kept(
    found: Talk, member: Actor, reason: str
) -> None:
    said = say(found, "ขอเว้นหน้าท่าเรือ", instead="เว้นหน้าท่าเรือ", quote="ตลอดแนว")
    with pytest.raises(ValidationError) as error:
        answering.answer(member, said, reply("accepted", reason, text="คำใหม่", base=1))
    assert refused_fields(error) == {"reason_th"}
    assert not Answer.objects.exists()
    assert words_now(found.bank) == BANK


def test_accepting_writes_the_new_words_into_the_next_draft_and_names_their_revision(
    found: Talk, member: Actor
) -> None:
    said = say(found, instead="เว้นหน้าท่าเรือ 25 เมตร", quote="ตลอดแนว")
    new = BANK.replace("ตลอดแนว", "เว้นหน้าท่าเรือ 25 เมตร")
    made = answering.answer(member, said, reply("accepted", "เรือกลับลำได้", text=new, base=1))
    assert made.changed is not None
    assert made.changed.text == new == words_now(found.bank)
    assert (made.changed.number, made.changed.by, said.ref in made.changed.why) == (2, "member", True)
    assert not found.plan.versions.filter(entries__revision=made.changed).exists()


def test_a_passage_that_somebody_changed_meanwhile_is_a_conflict_and_the_suggestion_stays_open(
    found: Talk, member: Actor
) -> None:
    said = say(found, instead="เว้นหน้าท่าเรือ", quote="ตลอดแนว")
    save_passage(SYSTEM, passage_of(found.bank), Language.THAI, "คำของคนอื่น", base=1)
    with pytest.raises(EditConflict) as conflict:
        answering.answer(member, said, reply("accepted", "เห็นด้วย", text="คำของฉัน", base=1))
    assert conflict.value.current["text"] == "คำของคนอื่น"
    assert conflict.value.revision == 2
    assert not Answer.objects.exists()
    assert words_now(found.bank) == "คำของคนอื่น"


def test_words_left_as_they_are_make_no_new_revision(found: Talk, member: Actor) -> None:
    made = answering.answer(member, say(found, "ดีแล้ว"), reply("accepted", "จะทำตามนี้", text=BANK, base=1))
    assert made.changed is None
    assert PassageRevision.objects.filter(passage__item=found.bank).count() == 1


@pytest.mark.parametrize("outcome", ["declined", "merged", "answered"])
def test_only_an_answer_that_accepts_changes_words(found: Talk, member: Actor, outcome: str) -> None:
    said, other = say(found, "ทำไม", voice="ask"), say(found, "อื่น")
    with_other = other if outcome == "merged" else None
    with pytest.raises(ValidationError) as error:
        answering.answer(member, said, reply(outcome, text="คำใหม่", base=1, with_other=with_other))
    assert "outcome" in refused_fields(error)
    assert words_now(found.bank) == BANK


def test_answered_is_for_questions_and_not_for_suggestions(found: Talk, member: Actor) -> None:
    assert answering.answer(member, say(found, "ทำไม", voice="ask"), reply("answered")).outcome == "answered"
    with pytest.raises(ValidationError) as error:
        answering.answer(member, say(found, "ขอแก้"), reply("answered"))
    assert refused_fields(error) == {"outcome"}


@pytest.mark.parametrize("outcome", ["", "maybe"])
def test_an_unknown_outcome_is_refused(found: Talk, member: Actor, outcome: str) -> None:
    with pytest.raises(ValidationError):
        answering.answer(member, say(found, "ขอแก้"), reply(outcome))


def test_two_people_answering_at_once_do_not_overwrite_each_other(found: Talk, member: Actor) -> None:
    said = say(found, "ขอแก้")
    answered(said, "accepted", reason="เห็นด้วย")
    with pytest.raises(EditConflict) as conflict:
        answering.answer(member, said, reply(), after=0)
    assert conflict.value.current["reason"] == "เห็นด้วย"
    assert conflict.value.revision == 1
    assert answering.answer(member, said, reply(), after=1).number == 2


# --- merging -------------------------------------------------------------------------------------------


def test_a_merged_suggestion_follows_what_became_of_the_other(found: Talk) -> None:
    one, other = say(found, "เว้นหน้าท่า"), say(found, "เว้น 40 เมตร")
    answered(one, "merged", with_other=other)
    assert outcome_of(one) == (other, None)
    later = answered(other, "part", reason="เว้น 25 เมตร")
    again = Suggestion.objects.get(pk=one.pk)
    assert outcome_of(again) == (other, later)
    last = last_answer(again)
    assert last is not None
    assert last.outcome == "merged"


def test_what_was_merged_with_something_merged_follows_to_the_end(found: Talk) -> None:
    one, two, three = (say(found, words) for words in ("ก", "ข", "ค"))
    answered(one, "merged", with_other=two)
    answered(two, "merged", with_other=three)
    end = answered(three, "accepted")
    assert outcome_of(Suggestion.objects.get(pk=one.pk)) == (three, end)


def test_merging_goes_in_no_circle(found: Talk, member: Actor) -> None:
    one, two, three = (say(found, words) for words in ("ก", "ข", "ค"))
    answered(one, "merged", with_other=two)
    answered(two, "merged", with_other=three)
    for wrong in (one, two, three):
        with pytest.raises(ValidationError) as error:
            answering.answer(member, three, reply("merged", with_other=wrong))
        assert refused_fields(error) == {"with_other"}


def test_merging_needs_another_suggestion_of_the_same_plan(
    found: Talk, member: Actor, other_city: City, source: Source
) -> None:
    elsewhere = say(talk(other_city, source), "ของเมืองอื่น")
    hidden = say(found, "คำหยาบ", hidden_on=timezone.localdate())
    for wrong in (None, elsewhere, hidden):
        with pytest.raises(ValidationError) as error:
            answering.answer(member, say(found, "ขอแก้"), reply("merged", with_other=wrong))
        assert refused_fields(error) == {"with_other"}
    with pytest.raises(ValidationError):
        answering.answer(member, say(found, "ก"), reply("declined", with_other=say(found, "ข")))


# --- several at once -----------------------------------------------------------------------------------


def test_several_are_answered_with_one_reason_that_is_known_as_shared(found: Talk, member: Actor) -> None:
    several = [(say(found, words), 0) for words in ("ก", "ข", "ค")]
    made = answering.answer_several(member, several, reply("declined", "ไม่มีงบปีนี้"))
    assert len({row.shared for row in made}) == 1
    assert made[0].shared is not None
    assert {row.reason_th for row in made} == {"ไม่มีงบปีนี้"}
    assert not owed().exists()
    alone = answering.answer_several(member, [(say(found, "ง"), 0)], reply())
    assert alone[0].shared is None


def test_when_one_of_several_cannot_be_answered_none_is(found: Talk, member: Actor) -> None:
    one, two = say(found, "ก"), say(found, "ข")
    answered(two)
    with pytest.raises(EditConflict):
        answering.answer_several(member, [(one, 0), (two, 0)], reply())
    assert one.answers.count() == 0
    assert two.answers.count() == 1
    with pytest.raises(ValidationError):
        answering.answer_several(member, [(one, 0), (two, 1)], reply("merged", with_other=two))
    assert one.answers.count() == 0


def test_several_are_at_least_one_and_at_most_a_hundred_and_change_no_words(
    found: Talk, member: Actor
) -> None:
    said = say(found, "ก")
    for several in ([], [(said, 0)] * 101):
        with pytest.raises(ValidationError) as error:
            answering.answer_several(member, several, reply())
        assert refused_fields(error) == {"chosen"}
    answering.answer_several(member, [(said, 0)], reply("accepted", text="คำใหม่", base=1))
    assert words_now(found.bank) == BANK


# --- decisions, facts, audit, downstream ---------------------------------------------------------------


def decision_in(city: City, source: Source) -> Decision:
    minutes = save_minutes(SYSTEM, Minutes(meeting=make_meeting(city.node, source)), {"body": "คณะทำงาน"})
    return save_decision(SYSTEM, Decision(minutes=minutes), {"text": "ให้เว้นหน้าท่าเรือ"})


def test_an_answer_may_name_the_decision_of_a_meeting_but_not_of_another_city(
    found: Talk, member: Actor, city: City, other_city: City, source: Source
) -> None:
    ours, theirs = decision_in(city, source), decision_in(other_city, source)
    assert answering.answer(member, say(found, "ก"), reply(decision=ours)).decision == ours
    with pytest.raises(Refused):
        answering.answer(member, say(found, "ข"), reply(decision=theirs))
    assert Answer.objects.count() == 1


def test_an_answer_is_told_to_other_rooms_without_anybodys_words(found: Talk, member: Actor) -> None:
    said = say(found, "คำที่ไม่มีใครควรเห็นที่อื่น", by="หิ่งห้อย-4821")
    answering.answer(member, said, reply("declined", "เหตุผลลับ"))
    fact = OutboxFact.objects.get(name="deliberation.suggestion.answered")
    assert (fact.object_id, fact.data) == (str(said.pk), {"outcome": "declined", "number": 1})
    line = AuditEntry.objects.get(action="deliberation.suggestion.answer")
    assert (line.ref, line.actor, line.fields) == (said.ref, "member", ["outcome", "reason_th"])


def test_a_part_of_a_plan_knows_the_suggestions_that_were_accepted_at_it(found: Talk) -> None:
    whole, part, no, turned = (say(found, words) for words in ("ก", "ข", "ค", "ง"))
    for said, outcome in ((whole, "accepted"), (part, "part"), (no, "declined"), (turned, "accepted")):
        answered(said, outcome)
    answered(turned, "declined")
    say(found, "จ", item=found.watch)
    assert set(accepted_of(found.bank)) == {whole, part}
    assert not accepted_of(found.watch).exists()


@pytest.mark.parametrize("name", ["observer", "stranger", "anonymous"])
def test_nobody_else_answers(found: Talk, cast: Any, name: str) -> None:
    said = say(found, "ขอแก้")
    for call in (
        lambda actor: answering.answer(actor, said, reply()),
        lambda actor: answering.answer_several(actor, [(said, 0)], reply()),
    ):
        with pytest.raises(Refused):
            call(cast.actors[name])
    assert not Answer.objects.exists()


def test_support_without_words_asks_for_nothing_and_hidden_words_are_not_owed_an_answer(found: Talk) -> None:
    say(found, voice="support")
    say(found, "คำหยาบ", hidden_on=timezone.localdate())
    spoken = say(found, "ทำต่อไป", voice="support")
    assert list(owed()) == [spoken]


def test_a_reply_is_plain_data() -> None:
    assert Reply("declined", "ไม่มีงบ") == Reply("declined", "ไม่มีงบ")
