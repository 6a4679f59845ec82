"""What a page costs: questions to the database, with nothing kept, and bytes of a first view."""

from __future__ import annotations

import copy
import gzip
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tools.baselines import WRITE

from khlong.assessment.models import Event
from khlong.chain.load import load_all
from khlong.chain.models import Node
from khlong.network.actions import give_role
from khlong.network.models import Meeting
from khlong.people.actor import Role, system_actor
from khlong.people.models import User
from khlong.places.models import Canal, Community, Fact
from khlong.web import samples
from khlong.web.bench import MOST_BYTES, MOST_QUERIES, asset_bytes

FILE = Path(__file__).with_name("query_counts.json")
SYSTEM = system_actor("test")
OF_STEWARDS = {"record:job", "places:boundary_check"}
"""Jobs that a steward started; a member finds nothing there."""
MANY = 5_000


def on_the_real_data(test: Any) -> Any:
    """Mark a test that measures every page in a database with all of data/ in it."""
    return pytest.mark.slow(pytest.mark.django_db(test))


@dataclass(frozen=True)
class Cost:
    """One first request: its questions to the database and, for a page, the bytes of a first view."""

    status: int
    queries: tuple[str, ...]
    first_view: int


def page_names() -> set[str]:
    return set(samples.url_names()) - samples.POST_ONLY - samples.NO_PAGE


def committed() -> dict[str, int]:
    counts: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    return counts


@pytest.fixture(scope="module")
def member(django_db_setup: None, django_db_blocker: Any) -> Iterator[User]:
    """A member of Phatong in a database with the real data, all of it taken back after this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_all(settings.DATA_DIR)
        user = User.objects.create_user("malee")
        give_role(SYSTEM, Node.objects.get(ref="C-PTG"), user, Role.MEMBER)
        yield user
        transaction.set_rollback(True)


def costs_of(user: User, lang: str) -> dict[str, Cost]:
    """The cost of a first request of every page, signed in, in one language."""
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = lang
    return {name: _cost(client, address) for name, address in samples.pages().items()}


def _cost(client: Client, address: str) -> Cost:
    with CaptureQueriesContext(connection) as asked:
        response: Any = client.get(address)
    queries = tuple(query["sql"] for query in asked.captured_queries)
    html = response.content
    assets = asset_bytes(html.decode()) if response.status_code == 200 else 0
    return Cost(response.status_code, queries, len(gzip.compress(html, 6)) + assets)


@pytest.fixture(scope="module")
def costs(member: User) -> dict[str, dict[str, Cost]]:
    return {lang: costs_of(member, lang) for lang in ("th", "en")}


def test_every_url_name_with_a_page_has_a_committed_count() -> None:
    assert page_names() == set(committed())


@on_the_real_data
def test_every_page_answers(costs: dict[str, dict[str, Cost]]) -> None:
    strange = {
        (lang, name): cost.status
        for lang, found in costs.items()
        for name, cost in found.items()
        if cost.status not in {200, 302, 403} and not (cost.status == 404 and name in OF_STEWARDS)
    }
    assert strange == {}


@on_the_real_data
def test_each_page_asks_as_often_as_committed(costs: dict[str, dict[str, Cost]]) -> None:
    counts = {name: len(cost.queries) for name, cost in sorted(costs["th"].items())}
    if os.environ.get(WRITE):
        FILE.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        pytest.skip(f"{FILE.name} was written")
    assert counts == committed()


@on_the_real_data
@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_page_asks_too_often(costs: dict[str, dict[str, Cost]], lang: str) -> None:
    found = costs[lang]
    over = {name: len(cost.queries) for name, cost in found.items() if len(cost.queries) > MOST_QUERIES}
    assert over == {}, "\n".join(f"{name} asks {', '.join(map(table, found[name].queries))}" for name in over)


def table(query: str) -> str:
    """The table that a query is about, and what narrows it."""
    start = re.search(r'FROM "(\w+)"', query)
    where = query.rpartition(" WHERE ")[2]
    return f"{start[1] if start else query.split(maxsplit=1)[0]} ({re.sub(chr(34), '', where)[:60]})"


@on_the_real_data
@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_first_view_is_too_heavy(costs: dict[str, dict[str, Cost]], lang: str) -> None:
    fonts = asset_bytes("")
    assert fonts > 10_000
    assert min(cost.first_view for cost in costs[lang].values() if cost.status == 200) > fonts
    heavy = {name: cost.first_view for name, cost in costs[lang].items() if cost.first_view > MOST_BYTES}
    assert heavy == {}


@on_the_real_data
def test_a_second_reader_asks_less_because_what_was_rendered_is_kept(member: User, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    first, second = costs_of(member, "th"), costs_of(member, "th")
    cache.clear()
    assert len(second["places:city"].queries) <= len(first["places:city"].queries) / 2
    assert sum(len(c.queries) for c in second.values()) < sum(len(c.queries) for c in first.values()) * 0.9


# --- twice as much ---------------------------------------------------------------------------


def double(model: Any) -> None:
    """Put a twin beside every row of a thing's model, on a node of its own, with the same links."""
    pairs = [(row.pk, _twin(row)) for row in model.objects.select_related("node")]
    Node.objects.bulk_create([twin.node for _pk, twin in pairs])
    model.objects.bulk_create([twin for _pk, twin in pairs])
    for field in model._meta.many_to_many:
        _double_links(field, dict(pairs))


def _twin(row: Any) -> Any:
    prefix, _dash, number = row.node.ref.rpartition("-")
    node = copy.copy(row.node)
    node.pk, node.ref, node._state = uuid4(), f"{prefix}-{int(number) + MANY}", type(row._state)()
    twin = copy.copy(row)
    twin._state = type(row._state)()
    twin.node = node
    return twin


def _double_links(field: Any, twins: dict[Any, Any]) -> None:
    through, name = field.remote_field.through, field.m2m_column_name()
    rows = list(through.objects.all())
    for row in rows:
        row.pk = None
        setattr(row, name, twins[getattr(row, name)].pk)
    through.objects.bulk_create(rows)


@on_the_real_data
def test_twice_as_many_rows_are_not_more_questions(member: User, costs: dict[str, dict[str, Cost]]) -> None:
    before = Fact.objects.count()
    for model in (Fact, Meeting, Event, Community, Canal):
        double(model)
    assert Fact.objects.count() == 2 * before
    for number in range(5):
        user = User.objects.create_user(f"member{number}")
        give_role(SYSTEM, Node.objects.get(ref="C-PTG"), user, Role.MEMBER)
    grown = costs_of(member, "th")
    more = {
        name: (len(cost.queries), len(grown[name].queries))
        for name, cost in costs["th"].items()
        if len(grown[name].queries) > len(cost.queries)
    }
    assert more == {}
