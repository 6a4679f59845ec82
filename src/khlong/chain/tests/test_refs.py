"""References are permanent, typeable from paper, and never given twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from khlong.chain.actions import exact_ref, next_ref, parse_ref, place_code, take_ref
from khlong.chain.models import Kind, Node, RefCounter
from khlong.chain.tests.things import new_community
from khlong.thai.digits import to_thai

letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
places = st.text(letters, min_size=3, max_size=3)
numbers = st.integers(min_value=0, max_value=99_999_999)


@given(letters, places, numbers)
def test_a_reference_is_read_back_as_it_was_given(kind: str, place: str, number: int) -> None:
    assert parse_ref(f"{kind}-{place}-{number:04d}") == (kind, place, number)


@given(letters, places, numbers)
def test_small_letters_thai_digits_and_blanks_around_are_read_too(kind: str, place: str, number: int) -> None:
    exact = f"{kind}-{place}-{number:04d}"
    for typed in (exact.lower(), to_thai(exact), f"  {exact.swapcase()}\n", to_thai(exact.lower())):
        assert exact_ref(typed) == exact


@given(letters, places)
def test_a_city_has_no_number(kind: str, place: str) -> None:
    assert parse_ref(f"{kind}-{place}") == (kind, place, None)
    assert exact_ref(f"{kind}-{place}".lower()) == f"{kind}-{place}"


@given(st.text(max_size=30))
def test_junk_is_a_value_error_or_a_reference_that_reads_the_same_again(text: str) -> None:
    try:
        exact = exact_ref(text)
    except ValueError:
        return
    assert exact_ref(exact) == exact


JUNK = [
    "",
    "-",
    "D",
    "D-PTG-12",
    "D-PTG-",
    "D-PTG-0012-1",
    "DD-PTG-0012",
    "D-PTGX-0012",
    "D PTG 0012",
    "D-PTG-00 12",
    "D-พตง-0012",
]


@pytest.mark.parametrize("text", [*JUNK, "D-PTG-०००१", "D-PTG-" + "1" * 9, "ก-PTG-0001", "D-PTG-0012\nX"])
def test_what_is_no_reference_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as D-PTG-0012"):
        parse_ref(text)


def test_numbers_count_up_for_each_kind_in_each_place(db: None) -> None:
    given_out = [
        next_ref(Kind.FACT, "PTG"),
        next_ref(Kind.FACT, "PTG"),
        next_ref(Kind.FACT, "BYG"),
        next_ref(Kind.ITEM, "PTG"),
    ]
    assert given_out == ["D-PTG-0001", "D-PTG-0002", "D-BYG-0001", "T-PTG-0001"]


def test_a_number_taken_by_a_file_is_not_given_again_and_a_lower_one_does_not_turn_back(db: None) -> None:
    take_ref("D-PTG-0041")
    take_ref("D-PTG-0007")
    take_ref("C-PTG")
    assert next_ref(Kind.FACT, "PTG") == "D-PTG-0042"
    assert not RefCounter.objects.filter(prefix="C-PTG").exists()


def test_a_number_over_9999_grows_by_a_digit(db: None) -> None:
    take_ref("D-PTG-9999")
    assert next_ref(Kind.FACT, "PTG") == "D-PTG-10000"


def test_after_a_rollback_no_two_things_have_one_reference(city: Any, source: Any) -> None:
    class Undone(Exception):  # noqa: N818
        pass

    def undone() -> None:
        with transaction.atomic():
            new_community(city, source, "ข")
            raise Undone

    first = new_community(city, source, "ก")
    with pytest.raises(Undone):
        undone()
    second = new_community(city, source, "ค")
    assert first.ref == "B-PTG-0001"
    assert second.ref not in {first.ref}
    assert Node.objects.filter(kind=Kind.COMMUNITY).count() == 2


def test_the_reference_of_a_thing_that_is_gone_is_not_given_again(city: Any, source: Any) -> None:
    first = new_community(city, source, "ก")
    first.delete()
    with pytest.raises(ProtectedError):
        Node.objects.get(ref="B-PTG-0001").delete()
    assert new_community(city, source, "ข").ref == "B-PTG-0002"


def test_a_node_is_protected_by_its_thing_its_history_and_what_lies_in_it(city: Any, source: Any) -> None:
    made = new_community(city, source, "ก")
    for node in (made.node, city.node):
        with pytest.raises(ProtectedError):
            node.delete()


def test_the_letters_of_a_place_come_from_its_city(city: Any) -> None:
    assert place_code(city.node) == "PTG"
    assert place_code(None) == "ALL"


@pytest.mark.parametrize("typed", ["C-PTG", "c-ptg", " C-PTG "])
def test_a_short_address_leads_to_the_page_of_whatever_it_is(typed: str, city: Any, client: Client) -> None:
    response = client.get(f"/r/{typed}/")
    assert response.status_code == 302
    assert response["Location"] == city.node.get_absolute_url()


def test_a_reference_from_paper_in_thai_digits_leads_there_too(
    city: Any, source: Any, client: Client
) -> None:
    made = new_community(city, source, "ก")
    assert client.get(f"/r/{to_thai(made.ref.lower())}/")["Location"] == made.get_absolute_url()


@pytest.mark.parametrize("typed", ["D-PTG-0001", "nothing", "C-XXX", "C-PTG-0000"])
def test_a_short_address_of_nothing_is_not_found(typed: str, city: Any, client: Client) -> None:
    assert client.get(f"/r/{typed}/").status_code == 404
    assert client.get(f"/trace/{typed}/").status_code == 404
