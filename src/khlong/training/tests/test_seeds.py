"""Making the training city: the same from the same seed, refused where it cannot be, and the walk without it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from khlong.__main__ import main
from khlong.chain.models import Kind, Node
from khlong.deliberation.models import Answer, Suggestion
from khlong.people import keys
from khlong.people.actor import system_actor
from khlong.pilots.models import Value
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.register.models import Statement
from khlong.training.make import make_city

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("training")
DAY = date(2026, 11, 22)
HERE: dict[str, Any] = {"HTTP_HOST": "localhost"}


def contents() -> dict[str, Any]:
    """What the city says, without what is drawn by chance to protect those who speak (references, receipts, keys)."""
    nodes = Node.objects.filter(is_example=True).exclude(kind=Kind.SUGGESTION)
    return {
        "nodes": sorted(nodes.values_list("ref", "title_th", "visibility")),
        "said": sorted(keys.read_all(list(Statement.objects.all()), "words"), key=str),
        "suggestions": sorted(Suggestion.objects.values_list("words", "instead", "quote", "voice")),
        "answers": sorted(Answer.objects.values_list("outcome", "reason_th")),
        "values": sorted(Value.objects.values_list("indicator__name_th", "value", "period_to")),
    }


def made(seed: int) -> dict[str, Any]:
    """What a city of this seed says; it is undone again."""
    with transaction.atomic():
        make_city(SYSTEM, number=60, seed=seed, day=DAY)
        found = contents()
        transaction.set_rollback(True)
    return found


def test_the_same_seed_makes_the_same_city_and_another_one_another() -> None:
    one, same, other = made(7), made(7), made(8)
    assert one == same
    assert one["said"] != other["said"]


@pytest.mark.parametrize("number", [0, 35, 10**6])
def test_a_number_that_cannot_be_is_refused(number: int) -> None:
    with pytest.raises(Refused):
        make_city(SYSTEM, number=number)
    assert not City.objects.filter(slug="satit").exists()


def test_without_the_training_city_the_walk_says_so(client: Client) -> None:
    assert client.get("/drop/1/", **HERE)["Location"] == "/drop/"
    assert client.get("/drop/", **HERE).status_code == 200
    assert client.get("/drop/7/", **HERE).status_code == 404


def test_the_command_makes_it_and_says_what(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["example", "--households", "60", "--seed", "7"]) == 0
    assert "60 households" in capsys.readouterr().out
    assert main(["example", "--households", "60"]) == 2
