"""A page of a city asks the database as often for sixty rows as for a few: every page that grows with a city."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khlong.chain.models import Node
from khlong.people.actor import system_actor
from khlong.people.models import User
from khlong.training import crowd
from khlong.training.base import NAMES
from khlong.training.make import make_city
from khlong.training.making import SLUG
from khlong.web import samples_training
from khlong.web.bench import MOST_QUERIES

pytestmark = pytest.mark.slow
DAY = date(2026, 11, 22)
FEW = crowd.Sizes(findings=10, measures=12, suggestions=40, proposals=10, pilots=10)
MANY = crowd.Sizes(findings=70, measures=70, suggestions=150, proposals=70, pilots=60)
HOUSEHOLDS = {"few": 60, "many": 130}


def counts(size: crowd.Sizes, households: int) -> dict[str, int]:
    """How often each page asks, for a member of a city of such a size; the city is undone again."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(crowd, "sizes", lambda _households: size)
        make_city(system_actor("test"), number=households, day=DAY)
        browser = Client()
        browser.force_login(User.objects.get(username=NAMES["member"]))
        found = {name: _asked(browser, address) for name, address in samples_training.pages().items()}
        found["strategy:plan of a real city"] = _asked_of_a_real_city(browser)
        transaction.set_rollback(True)
    return found


def _asked_of_a_real_city(browser: Client) -> int:
    """The reading page of the same plan where it says of each kind of work whether it is published."""
    Node.objects.filter(plan__city__slug=SLUG).update(is_example=False)
    return _asked(browser, reverse("strategy:plan", args=[SLUG]) + "?page=1")


def _asked(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        page: Any = browser.get(address)
    assert page.status_code == 200, address
    return len(asked)


@pytest.fixture(scope="module")
def both(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    with django_db_blocker.unblock():
        yield counts(FEW, HOUSEHOLDS["few"]), counts(MANY, HOUSEHOLDS["many"])


@pytest.mark.django_db
def test_no_page_asks_more_often_in_a_larger_city(both: tuple[dict[str, int], dict[str, int]]) -> None:
    few, many = both
    assert {name: (few[name], number) for name, number in many.items() if number != few[name]} == {}
    assert len(many) >= 25


@pytest.mark.django_db
def test_no_page_of_a_large_city_asks_too_often(both: tuple[dict[str, int], dict[str, int]]) -> None:
    most = samples_training.MORE
    over = {name: number for name, number in both[1].items() if number > most.get(name, MOST_QUERIES)}
    assert over == {}
