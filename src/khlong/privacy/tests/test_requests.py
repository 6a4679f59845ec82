"""What a person asks is answered within its time, and what is kept of her is handed over whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from khlong.people import keys
from khlong.people.policy import scope
from khlong.privacy import actions
from khlong.privacy.actions import Said, give_consent
from khlong.privacy.models import Breach, PersonRequest
from khlong.privacy.tests.makers import NAME, SYSTEM, WITNESS, agreed, words
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db
WORDS = "ช่วยแก้นามสกุล"


def test_a_request_has_thirty_days_and_its_words_are_sealed(city: Any) -> None:
    made = actions.note_request(SYSTEM, agreed(city).subject, "correct", "card", WORDS)
    assert made.due_on == made.asked_on + timedelta(days=30)
    late = PersonRequest(asked_on=made.asked_on - timedelta(days=31))
    assert (made.is_late, late.is_late) == (False, True)
    assert keys.read(made, "words") == WORDS
    assert WORDS not in str(list(AuditEntry.objects.values()))


def test_a_request_says_what_is_asked_unless_it_asks_to_see(city: Any) -> None:
    subject = agreed(city).subject
    with pytest.raises(ValidationError) as refused:
        actions.note_request(SYSTEM, subject, "object", "card", "  ")
    assert set(refused.value.message_dict) == {"words"}
    assert actions.note_request(SYSTEM, subject, "access", "card").words is None


def test_a_request_is_answered_once_and_in_words(cast: Any, city: Any) -> None:
    made = actions.note_request(SYSTEM, agreed(city).subject, "correct", "card", WORDS)
    with pytest.raises(ValidationError):
        actions.answer_request(cast.actors["owner"], made, " ")
    done = actions.answer_request(cast.actors["owner"], made, "แก้แล้ว")
    assert keys.read(done, "answer") == "แก้แล้ว"
    with pytest.raises(Refused, match="closed already"):
        actions.answer_request(cast.actors["owner"], made, "อีกครั้ง")


def test_everything_that_is_kept_is_handed_over_and_that_it_was_is_noted(cast: Any, city: Any) -> None:
    made = agreed(city, how="guardian", witness=WITNESS)
    actions.note_request(SYSTEM, made.subject, "correct", "known", WORDS)
    kept = actions.hand_over(cast.actors["owner"], made.subject, "card")
    told = {value for one in kept for _label, value in one.values}
    assert {NAME, WITNESS, WORDS, "ศาลากลางบ้าน"} <= told
    line = AuditEntry.objects.get(action="privacy.person.hand_over")
    assert (line.actor, line.fields) == ("owner", ["handed over", "identity: card"])


def test_of_somebody_who_took_everything_back_nothing_is_handed_over_nor_asked(city: Any) -> None:
    made = agreed(city)
    asked = actions.note_request(SYSTEM, made.subject, "correct", "card", WORDS)
    actions.withdraw_everything(SYSTEM, made.subject)
    made.subject.refresh_from_db()
    asked.refresh_from_db()
    assert asked.words is None
    for attempt in (
        lambda: actions.hand_over(SYSTEM, made.subject, "card"),
        lambda: actions.note_request(SYSTEM, made.subject, "access", "card"),
        lambda: actions.answer_request(SYSTEM, asked, "x"),
    ):
        with pytest.raises(Refused):
            attempt()


def test_everybody_sees_her_own_rows_and_an_owner_those_of_the_city(cast: Any, city: Any) -> None:
    hers = give_consent(cast.actors["stranger"], words(), city.pk, Said())
    request = actions.note_request(cast.actors["stranger"], hers.subject, "access", "account")
    for name, sees in (
        ("stranger", True),
        ("owner", True),
        ("steward", True),
        ("member", False),
        ("observer", False),
    ):
        assert scope(cast.actors[name], PersonRequest.objects.all()).filter(pk=request.pk).exists() == sees, (
            name
        )


def test_the_clock_of_a_breach_runs_from_when_it_was_noticed_until_the_office_knows(
    cast: Any, city: Any
) -> None:
    now = timezone.now()
    values = {"noticed_at": now - timedelta(hours=70, minutes=30), "what": "มีคนเห็นรายชื่อ", "data": "ชื่อ"}
    made = actions.save_breach(cast.actors["owner"], Breach(space=city.pk), values)
    assert made.hours_left(now) == 1
    assert made.hours_left(now + timedelta(hours=3)) == -2
    actions.save_breach(cast.actors["owner"], made, {"office_told_at": now})
    assert made.hours_left(now) is None
    fields = AuditEntry.objects.filter(action="privacy.breach.save").values_list("fields", flat=True)
    assert sorted(fields) == [["data", "noticed_at", "what"], ["office_told_at"]]


def test_a_breach_that_is_still_to_come_is_refused(cast: Any, city: Any) -> None:
    values = {"noticed_at": timezone.now() + timedelta(hours=1), "what": "x", "data": "y"}
    with pytest.raises(ValidationError) as refused:
        actions.save_breach(cast.actors["owner"], Breach(space=city.pk), values)
    assert set(refused.value.message_dict) == {"noticed_at"}


def test_a_breach_of_the_whole_house_is_for_stewards(cast: Any) -> None:
    values = {"noticed_at": timezone.now(), "what": "x", "data": "y"}
    with pytest.raises(Refused):
        actions.save_breach(cast.actors["owner"], Breach(), values)
    made = actions.save_breach(cast.actors["steward"], Breach(), values)
    assert not scope(cast.actors["owner"], Breach.objects.all()).filter(pk=made.pk).exists()
