"""What the people of the training city say: each her own words, the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khlong.strategy.models import MeasureKind
from khlong.training.crowd import OUTCOMES, _stretches, sizes
from khlong.training.households import households
from khlong.training.make import USUAL
from khlong.training.texts import PLACES, measure_words, words
from khlong.training.voices import PROJECT, composer, place_of

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


@pytest.mark.parametrize("measure", words("measures"), ids=lambda row: row["short_en"])
def test_a_measure_is_spoken_to_in_every_voice_and_of_what_it_is_about(measure: dict[str, Any]) -> None:
    said = composer(7)
    for voice in VOICES:
        matters = [said.suggestion("ice", voice, measure).matter for _ in range(12)]
        assert len({matter["say"][0] for matter in matters}) >= 3
        for matter in matters:
            assert measure["kind"] in matter.get("for", (measure["kind"],))
            assert matter.get("about", measure["about"][0]) in measure["about"]


def test_matters_and_measures_are_about_the_same_things() -> None:
    asked = {row["about"] for voice in VOICES for row in words("opinions")[voice] if "about" in row}
    assert asked == {about for row in words("measures") for about in row["about"]}


def test_what_should_be_added_is_added_to_whole_words() -> None:
    assert _stretches("ยกทางเดินในซอยช่างทองให้สูงเท่าถนน พร้อมทางลาดทุก 50 เมตร") == [
        "ยกทางเดินในซอยช่างทองให้สูงเท่าถนน",
        "พร้อมทางลาดทุก 50 เมตร",
    ]


def test_findings_and_measures_of_a_large_city_are_each_their_own() -> None:
    said = composer(7)
    findings = [said.finding(place_of(number)) for number in range(2000)]
    measures = [said.measure(place_of(number)).text for number in range(290)]
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


def test_what_households_of_a_first_city_say_is_said_by_one_of_them_alone() -> None:
    """No piece of what the further households of a city of the usual size tell is told by two of them."""
    told = households(composer(7), USUAL)[len(words("voices")) :]
    texts = [one.words for one in told if one.words]
    assert len(texts) > 45
    for place in PLACES:
        for pieces in words("fragments")[place].values():
            for piece in pieces:
                parts = [part for part in re.split(r"\{\w+\}", piece) if len(part) > 9]
                saying = [text for text in texts if parts and all(part in text for part in parts)]
                assert len(saying) <= 1, saying


def test_findings_of_a_first_city_are_of_different_matters_and_said_in_both_languages() -> None:
    said = composer(7)
    found = [said.finding(place_of(number)) for number in range(20)]
    assert len({one.why for one in found}) == 20
    assert all(one.text_en and all(th and en for th, en in one.why) for one in found)
    assert not any("{" in one.text_en for one in found)


def test_a_matter_belongs_to_the_place_where_it_is_found() -> None:
    said = composer(7)
    for place in PLACES:
        assert not [
            row
            for row in (said.finding(place) for _ in range(60))
            if place == "hill" and "เรือเล็ก" in row.text
        ]


def test_nothing_is_dealt_again_before_all_has_been_dealt() -> None:
    said = composer(7)
    dealt = [said.deal("a", "abcdefgh") for _ in range(24)]
    assert [len(set(dealt[at : at + 8])) for at in (0, 8, 16)] == [8, 8, 8]
    assert said.deal("a", "abcdefgh", lambda card: card == "e") == "e"


@pytest.mark.parametrize("households_of", [36, 240, 241, 300, 1000, 20_000])
def test_what_is_said_to_a_measure_of_the_story_is_written_for_it(households_of: int) -> None:
    """Further suggestions are put together only where further measures stand, and not many at each."""
    wanted = sizes(households_of)
    further = wanted.measures - (len(measure_words()) - 2)
    heard = wanted.suggestions - len(words("suggestions")) - len(words("heard"))
    assert heard <= 0 or heard <= 20 * further


def test_words_of_further_people_stand_in_their_measures() -> None:
    plan = measure_words()
    rows = words("heard")
    assert all(row["quote"] in plan[row["at"]] for row in rows)
    assert len({row["th"] for row in [*rows, *words("suggestions")]}) == len(rows) + len(words("suggestions"))
    assert {row["at"] for row in rows} == set(plan)


def test_every_kind_of_measure_is_wanted_somewhere_and_each_with_all_that_is_asked_of_it() -> None:
    rows = words("measures")
    assert {row["kind"] for row in rows} == set(MeasureKind.values)
    for row in rows:
        assert all(row[name] for name in ("system", "owner", "permit", "drain", "gains", "loses", "beyond"))
        assert len(row["projects"]) >= 2
        assert all(len(project) == len(PROJECT) for project in row["projects"])


def test_projects_of_a_large_city_are_each_their_own_in_both_languages() -> None:
    said = composer(7)
    wishes = [said.measure(place_of(number)) for number in range(287)]
    projects = [said.project(wish, number) for wish in wishes for number in (0, 1, 2)]
    assert len({project["name_th"] for project in projects}) == len(projects)
    assert len({project["name_en"] for project in projects}) == len(projects)
    assert not [text for project in projects for text in project.values() if not text or "{" in text]
    assert len({wish.here(wish.row["pilot"][0]) for wish in wishes}) == len(wishes)
