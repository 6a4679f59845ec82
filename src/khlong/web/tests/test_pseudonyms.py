"""An official, an owner and the audit put together everything they can open, and still do not know who said it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model
from django.forms.models import model_to_dict
from django.test import Client

from khlong.people.actor import Actor, account_actor
from khlong.people.models import Subject, User
from khlong.people.policy import Verb, registered
from khlong.people.pseudonyms import contributing
from khlong.places.actions import save_city
from khlong.places.models import City, Source
from khlong.record.actions import Act
from khlong.record.models import AuditEntry, Contribution
from khlong.web.tests.world import build

pytestmark = pytest.mark.django_db
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
UUIDS = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


def say(actor: Actor, city: City) -> str:
    """What a room of contributions does: act under the pseudonym, keep nothing beside it."""
    known = contributing(actor, city.pk)
    with transaction.atomic():
        act = Act(known, "test.thing.say")
        act.require(Verb.VIEW, city)
        act.note(city, fields=["words"])
        act.close()
    return known.label


@pytest.fixture
def said(cast: Any, city: City) -> dict[str, str]:
    """Three residents contribute; just before and after each of them works in her own name."""
    found = {}
    for name in ("nok", "dao", "fah"):
        user = User.objects.create_user(name)
        found[name] = say(account_actor(user), city)
        save_city(cast.actors["member"], City.objects.get(pk=city.pk), {"basin_th": f"ลุ่มน้ำ {name}"})
    found["member"] = say(cast.actors["member"], city)
    found["owner"] = say(cast.actors["owner"], city)
    return found


def readable(actor: Actor) -> Iterable[Model]:
    """Every row of every model that somebody may read through the policies."""
    for policy in registered():
        yield from policy.scope(actor, Verb.VIEW, policy.model._default_manager.all())


def plain(row: Model) -> str:
    return str({field.name: str(field.value_from_object(row)) for field in row._meta.concrete_fields})


def traces(said: dict[str, str]) -> dict[str, set[str]]:
    """By name what of somebody would give her away: user name, the ids of account and of person."""
    users = {name: User.objects.get(username=name) for name in said}
    found = {}
    for name, user in users.items():
        people = Subject.objects.filter(account=user).values_list("pk", flat=True)
        found[name] = {name, *(form for pk in (user.pk, *people) for form in (str(pk), pk.hex))}
    return found


@pytest.mark.parametrize("reader", ["owner", "observer", "member", "anonymous"])
def test_no_row_that_somebody_reads_holds_a_pseudonym_and_a_trace_of_who_bears_it(
    cast: Any, said: dict[str, str], reader: str
) -> None:
    rows = [plain(row) for row in readable(cast.actors[reader])]
    with_pseudonym = [row for row in rows if any(name in row for name in said.values())]
    assert len(with_pseudonym) == (len(said) if reader in {"owner", "member"} else 0)
    marks = {trace for found in traces(said).values() for trace in found}
    for row in with_pseudonym:
        assert not any(f"'{mark}'" in row or (len(mark) > 30 and mark in row) for mark in marks), row


def test_rows_of_contributions_share_no_id_but_the_city_and_hold_no_moment(
    cast: Any, city: City, said: dict[str, str]
) -> None:
    """An id or a moment in two lists would tie them together as a name does."""
    rows = list(readable(cast.actors["owner"]))
    contributions = [plain(row) for row in rows if isinstance(row, Contribution)]
    others = " ".join(plain(row) for row in rows if not isinstance(row, Contribution))
    assert contributions
    for row in contributions:
        assert not MOMENT.search(row), row
        shared = {mark for mark in UUIDS.findall(row) if mark in others}
        assert shared <= {str(city.pk), city.pk.hex}, row


def test_the_order_of_contributions_is_not_that_in_which_they_came(cast: Any, city: City) -> None:
    """Ids are drawn, so of many contributions the order shown is one by chance."""
    names = [say(account_actor(User.objects.create_user(f"n{number}")), city) for number in range(12)]
    shown = list(Contribution.objects.values_list("actor", flat=True))
    assert sorted(shown) == sorted(names)
    assert shown not in (names, names[::-1])
    ids = [row.pk for row in Contribution.objects.all()]
    assert all(isinstance(pk, UUID) and pk.version == 4 for pk in ids)


def test_the_audit_of_what_is_done_in_ones_own_name_has_no_gap_where_somebody_contributed(
    cast: Any, said: dict[str, str]
) -> None:
    numbers = list(AuditEntry.objects.filter(actor="member").order_by("pk").values_list("pk", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert not AuditEntry.objects.filter(actor__in=said.values()).exists()
    assert not AuditEntry.objects.filter(action="test.thing.say").exists()


@pytest.mark.parametrize("reader", ["owner", "observer", "steward"])
def test_no_page_that_somebody_reaches_tells_who_bears_a_pseudonym(
    client_of: Callable[[str], Client], said: dict[str, str], source: Source, reader: str
) -> None:
    city = City.objects.get(slug="phatong")
    build(city.node, city, source)
    pages = list(reached(client_of(reader)))
    assert len(pages) > 30
    for address, page in pages:
        bearers = {
            name for name, pseudonym in said.items() if pseudonym in page and re.search(rf"\b{name}\b", page)
        }
        assert not bearers, (address, bearers)


def reached(client: Client, most: int = 90) -> Iterator[tuple[str, str]]:
    """Pages in the order in which their links are met, from the home page on."""
    waiting = ["/", "/account/"]
    seen: set[str] = set()
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        if address in seen or "signout" in address:
            continue
        seen.add(address)
        response = client.get(address, follow=True)
        if not response.streaming and "html" in response.headers.get("Content-Type", ""):
            page = response.content.decode()
            yield address, page
            waiting += [
                html.unescape(link)
                for link in re.findall(r'href="(/[^"#]*)"', page)
                if "/static/" not in link
            ]


def test_contributions_in_the_audit_are_only_added(said: dict[str, str]) -> None:
    row = Contribution.objects.all()[0]
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()
    refused = (OperationalError, IntegrityError) if connection.vendor == "sqlite" else Exception
    for attempt in (Contribution.objects.all().delete, lambda: Contribution.objects.update(actor="x")):
        with pytest.raises(refused, match="append-only"), transaction.atomic():
            attempt()
    assert model_to_dict(row)["actor"]
