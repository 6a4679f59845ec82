"""What the people of the training city say: each her own words, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.strategy.models import MeasureKind
from khlong.training.crowd import OUTCOMES, _stretches
from khlong.training.texts import PLACES, measure_words, words
from khlong.training.voices import composer, place_of

VOICES = ("suggest", "object", "ask", "support")


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_the_same_seed_says_the_same_things(seed: int) -> None:
    one, other = composer(seed), composer(seed)
    assert [one.statement("mouth") for _ in range(20)] == [other.statement("mouth") for _ in range(20)]
    assert one.finding("hill") == other.finding("hill")


def test_another_seed_says_other_things() -> None:
    assert composer(7).statement("ice") != composer(8).statement("ice")


@pytest.mark.parametrize("place", PLACES)
def test_no_household_says_what_another_said(place: str) -> None:
    said = composer(7)
    texts = [said.statement(place) for _ in range(900)]
    assert len(set(texts)) == 900
    assert all("{" not in text and "  " not in text for text in texts)


def test_a_first_city_hears_households_that_share_no_sentence() -> None:
    """Among the households of a first city hardly two share more than half of their words."""
    said = composer(7)
    texts = [said.statement(place_of(number)) for number in range(120)]
    alike = 0
    for one, other in combinations([set(text.split()) for text in texts], 2):
        alike += len(one & other) > len(one | other) / 2
    assert alike <= 12


def test_suggestions_of_a_large_city_are_each_their_own() -> None:
    said = composer(7)
    texts = [said.suggestion(place_of(number), VOICES[number % 4]).text for number in range(5000)]
    assert len(set(texts)) == 5000
    assert all("{" not in text and "  " not in text for text in texts)


def test_no_sentence_is_said_by_everybody_in_a_large_city() -> None:
    """In a city of 5,000 suggestions no stretch of words comes more often than once in thirty of them."""
    said = composer(7)
    texts = [said.suggestion(place_of(number), VOICES[number % 4]).text for number in range(5000)]
    stretches = Counter(stretch for text in texts for stretch in set(text.split()) if len(stretch) > 15)
    assert stretches.most_common(1)[0][1] < 5000 / 30
    assert len(stretches) > 600


@pytest.mark.parametrize("voice", sorted(OUTCOMES))
def test_every_matter_has_an_answer_of_its_own_for_each_outcome(voice: str) -> None:
    for matter in words("opinions")[voice]:
        assert set(matter["answers"]) == set(OUTCOMES[voice]), matter["say"]
        reasons = [reason for outcome in matter["answers"].values() for reason in outcome]
        assert not [reason for reason in reasons if reason.startswith(("รับ ", "ไม่รับ", "ตอบ"))]


def test_a_measure_of_any_kind_is_spoken_to_in_every_voice() -> None:
    said = composer(7)
    for kind in MeasureKind.values:
        for voice in VOICES:
            opinion = said.suggestion("ice", voice, kind)
            assert kind in opinion.matter.get("for", (kind,))


def test_what_should_be_added_is_added_to_whole_words() -> None:
    assert _stretches("ยกทางเดินในซอยช่างทองให้สูงเท่าถนน พร้อมทางลาดทุก 50 เมตร") == [
        "ยกทางเดินในซอยช่างทองให้สูงเท่าถนน",
        "พร้อมทางลาดทุก 50 เมตร",
    ]


def test_findings_and_measures_of_a_large_city_are_each_their_own() -> None:
    said = composer(7)
    findings = [said.finding(place_of(number)) for number in range(2000)]
    measures = [said.measure(place_of(number))[1] for number in range(290)]
    assert len({found.text for found in findings}) == 2000
    assert len(set(measures)) == 290
    assert all(len(found.why) >= 2 for found in findings)
    assert max(Counter(found.hazard for found in findings).values()) < 1500


def test_a_composer_that_has_said_everything_says_so() -> None:
    said = composer(7)
    with pytest.raises(RuntimeError, match="used up"):
        [said.measure("hill") for _ in range(100_000)]


def test_every_quoted_word_of_a_suggestion_stands_in_its_measure() -> None:
    plan = measure_words()
    for row in words("suggestions"):
        assert row["quote"] in plan[row["at"]], row


def test_dissent_has_reasons_and_is_answered_or_owed() -> None:
    rows = words("suggestions")
    objections = [row for row in rows if row["voice"] == "object"]
    assert len(objections) >= 6
    assert any("outcome" not in row for row in objections)
    assert any(row.get("says") is False for row in objections)
    assert len({row["th"] for row in rows}) == len(rows)
