"""What was said and answered in a hall does not come home, and both its closing and the city's page say so."""

from __future__ import annotations

from typing import Any

import pytest

from khlong.chain.hall.models import Hall
from khlong.chain.hall.packing import left_behind
from khlong.deliberation.afterwards import agree
from khlong.deliberation.answering import Reply, answer
from khlong.deliberation.models import Round, Suggestion
from khlong.deliberation.suggesting import make_suggestion
from khlong.deliberation.tests.speak_makers import SYSTEM, make_talk, said_at
from khlong.people.actor import Actor
from khlong.people.pseudonyms import contributing
from khlong.places.models import City, Source
from khlong.strategy.models import Item
from khlong.web.tests.halls import Both

pytestmark = pytest.mark.django_db
OTHER = "ขอเว้นหน้าท่าเรือ"


@pytest.fixture
def both(city: City, source: Source, cast: Any) -> Both:
    """A round with one suggestion that is not answered goes along."""
    talk = make_talk(city, source)
    make_suggestion(SYSTEM, talk.round, said_at(talk.measure, words=OTHER), key="at home")
    return Both(city, cast)


def speak(actor: Actor) -> str:
    """Somebody says something with her account, and means the same as somebody else."""
    found = Round.objects.select_related("node__space").get()
    assert found.space_id is not None
    known = contributing(actor, found.space_id)
    other = Suggestion.objects.select_related("node__space", "item").get(words=OTHER)
    measure = Item.objects.get(pk=other.item_id)
    make_suggestion(known, found, said_at(measure, words="ขุดก่อนฤดูฝน"), key="in the hall")
    agree(known, other)
    return known.label


def give_answer(actor: Actor) -> None:
    answer(actor, Suggestion.objects.get(words=OTHER), Reply("declined", "เรือกลับลำไม่ได้"))


def test_closing_the_hall_names_what_was_said_under_a_pseudonym(both: Both) -> None:
    with both.in_the_hall() as member:
        assert left_behind(Hall.objects.get(here=True)) == []
        speak(member)
        told = " ".join(str(words) for words, _count in left_behind(Hall.objects.get(here=True)))
        for part in ("ข้อเสนอ", "ในที่ประชุม"):
            assert part in told
        assert len(left_behind(Hall.objects.get(here=True))) == 2


def test_at_home_the_same_is_named_with_how_often_and_without_the_pseudonym(both: Both) -> None:
    names: list[str] = []
    both.meet(lambda actor: names.append(speak(actor)))
    plan = both.plan()
    assert [count for _words, count in plan.staying] == [1, 1]
    assert names[0] not in str(plan.content)


def test_answers_of_the_hall_are_named_and_not_lost_without_a_word(both: Both) -> None:
    both.meet(give_answer)
    ((words, count),) = both.plan().staying
    assert count == 1
    assert "คำตอบ" in str(words)
