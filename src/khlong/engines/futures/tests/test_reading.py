"""Reading a document: every refusal names the place and the mend, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.reading import Place

THING = Place({"key": "a", "many": [1, "two", None]}, "things[3]")


def refused(ask: Callable[[], Any]) -> ModelError:
    with pytest.raises(ModelError) as error:
        ask()
    said = error.value
    assert said.mend.th
    assert said.mend.en
    assert said.in_words("th") != said.in_words("en")
    return said


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda: THING.mapping(("key",)), "things[3].many"),
        (lambda: THING.mapping(("key", "many", "name")), "things[3].name"),
        (lambda: Place([1], "years").mapping(("a",)), "years"),
        (lambda: Place({"a": None}).mapping(("a",)), "a"),
        (lambda: list(Place("x", "places").items()), "places"),
        (lambda: Place(["a", 3], "places").words(), "places[1]"),
        (lambda: Place([1, True], "ramp").numbers(), "ramp[1]"),
        (lambda: Place(" ", "key").text(), "key"),
        (lambda: Place("ก", "key").key(), "key"),
        (lambda: Place("1a", "key").key(), "key"),
        (lambda: Place("1,000", "value").number(), "value"),
        (lambda: Place(float("nan"), "value").number(), "value"),
        (lambda: Place("๑๒", "value").number(), "value"),
        (lambda: Place(2.5, "years[0]").whole(), "years[0]"),
        (lambda: Place("ใช่", "existing").truth(), "existing"),
        (lambda: Place("shft", "kind").choice(["shift"]), "kind"),
        (lambda: Place(30, "by").quantity("mm"), "by"),
        (lambda: Place("30", "by").quantity("mm"), "by"),
        (lambda: Place("30 ft", "by").quantity("mm"), "by"),
        (lambda: Place("deep", "by").quantity("mm"), "by"),
        (lambda: Place(True, "by").quantity("mm"), "by"),
        (lambda: Place([30], "by").quantity("mm"), "by"),
        (lambda: list(Place([1], "value").keyed()), "value"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(ask: Callable[[], Any], field: str) -> None:
    assert refused(ask).field == field


def test_a_missing_unit_is_called_that_and_the_units_are_told() -> None:
    said = refused(lambda: Place(30, "measures[0].acts[0].by").quantity("mm"))
    assert "has no unit" in str(said)
    assert "cm" in str(said)
    assert "ไม่มีหน่วย" in said.in_words("th")


@pytest.mark.parametrize(
    ("written", "unit", "steps"),
    [
        ("300 mm", "mm", 300),
        ("30 cm", "mm", 300),
        ("30 ซม.", "mm", 300),
        ("0.3 m", "mm", 300),
        ("-1.5e2 mm", "mm", -150),
        ("2 degC", "0.01 degC", 200),
        ("7 litres", "litres", 7),
    ],
)
def test_quantities_come_in_steps_of_the_hazard(written: str, unit: str, steps: float) -> None:
    assert Place(written).quantity(unit) == pytest.approx(steps)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written_with_its_unit(number: float) -> None:
    assert Place(f"{number!r} mm").quantity("mm") == number


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_stands_there_is_read_or_refused_and_nothing_else(value: Any) -> None:
    place = Place(value, "here")
    readers: tuple[Callable[[], Any], ...] = (
        place.text,
        place.key,
        place.number,
        place.whole,
        place.truth,
        place.words,
        place.numbers,
        lambda: place.quantity("mm"),
        lambda: place.mapping(("a",), ("b",)),
    )
    for read in readers:
        refusals: list[str] = []
        try:
            read()
        except ModelError as error:
            refusals.append(error.field)
        assert all(field.startswith("here") for field in refusals)
