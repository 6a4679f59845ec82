"""People, places and a source for the tests of every room, built through the rooms' own actions.

source       a dated source S10
programme    the programme R-SCS, the space of what belongs to no single city
city         C-PTG, a full city;  other_city  C-BYG, another one
cast         people with roles in `city`: owner, member, observer; a stranger who is a member of
             `other_city`; a steward. cast.actors["member"] acts; so do "anonymous" and "system"
coordinator  somebody who is a member of the programme
client_of    client_of("member") is a browser signed in as that person, or not ("anonymous")
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import blocking_manager_key

from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.network.actions import give_role, save_programme
from khlong.network.models import Programme
from khlong.people.actor import ANONYMOUS, Actor, Role, account_actor, system_actor
from khlong.people.models import User
from khlong.places.actions import save_city, save_source
from khlong.places.models import City, Province, Source
from khlong.privacy.models import ConsentText
from khlong.record.models import Stamp
from khlong.thai.dates import Span

SYSTEM = system_actor("test")
os.environ.setdefault("KHLONG_TRAINING", "no")  # servers of tests begin without the training city
os.environ.setdefault("KHLONG_ENGINE", "no")  # and without the futures engine
# On a busy machine an example may take as long as it needs.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")
PEOPLE = ("owner", "member", "observer", "stranger", "steward")


@dataclass(frozen=True)
class Cast:
    """The people of the tests, by what they may do in `city`."""

    owner: User
    member: User
    observer: User
    stranger: User
    steward: User

    @property
    def actors(self) -> dict[str, Actor]:
        """Fresh actors by name, so that a role given a moment ago counts."""
        people = {name: account_actor(getattr(self, name)) for name in PEOPLE}
        return people | {"anonymous": ANONYMOUS, "system": SYSTEM}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database, asked beforehand whether it knows JSON: Django asks SQLite once for each connection, in three
    statements, and they would be counted as those of whatever page comes first.
    """
    with django_db_blocker.unblock():
        assert connection.features.supports_json_field


@pytest.fixture
def source(db: None) -> Source:
    values = {
        "publisher_th": "สถาบันสิ่งแวดล้อมไทย",
        "publisher_en": "Thailand Environment Institute",
        "url": "https://example.org/success",
        "date": Span.from_iso("2022-06-17"),
        "licence": "CC BY 4.0",
    }
    return save_source(SYSTEM, Source(key="S10"), values)


@pytest.fixture
def programme(db: None) -> Programme:
    made = new_thing(Programme, Kind.PROGRAMME, space=None, ref="R-SCS")
    values = {
        "slug": "success",
        "name_th": "โครงการ SUCCESS",
        "name_en": "SUCCESS",
        "full_name_th": "โครงการประชาสังคมร่วมแรงเพื่อเปลี่ยนแปลงเมือง",
        "full_name_en": "Strengthening urban climate governance",
    }
    return save_programme(SYSTEM, made, values)


def _city(ref: str, slug: str, name_th: str, name_en: str, source: Source) -> City:
    province, _made = Province.objects.get_or_create(
        code="90", defaults={"name_th": "สงขลา", "name_en": "Songkhla"}
    )
    values = {
        "slug": slug,
        "name_th": name_th,
        "name_en": name_en,
        "region": "south",
        "is_full": True,
        "province": province,
        "source": source,
    }
    return save_city(SYSTEM, new_thing(City, Kind.CITY, space=None, ref=ref), values)


@pytest.fixture
def city(source: Source) -> City:
    return _city("C-PTG", "phatong", "เมืองพะตง", "Phatong", source)


@pytest.fixture
def other_city(source: Source) -> City:
    return _city("C-BYG", "bo-yang", "เมืองบ่อยาง", "Bo Yang", source)


@pytest.fixture
def cast(city: City, other_city: City) -> Cast:
    made = Cast(**{name: User.objects.create_user(name, is_steward=name == "steward") for name in PEOPLE})
    give_role(SYSTEM, city.node, made.owner, Role.OWNER)
    give_role(SYSTEM, city.node, made.member, Role.MEMBER)
    give_role(SYSTEM, city.node, made.observer, Role.OBSERVER)
    give_role(SYSTEM, other_city.node, made.stranger, Role.MEMBER)
    return made


@pytest.fixture
def coordinator(programme: Programme) -> User:
    made = User.objects.create_user("coordinator")
    give_role(SYSTEM, programme.node, made, Role.MEMBER)
    return made


@pytest.fixture
def client_of(cast: Cast) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client()
        if name != "anonymous":
            client.force_login(getattr(cast, name))
        return client

    return signed_in


@pytest.fixture(autouse=True)
def _readers_language() -> Iterator[None]:
    """Every test begins in Thai, whatever language the one before it read in."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A test that emptied the tables took what the migrations wrote along; the next one finds it again."""
    yield
    if nextitem is None:
        return  # after the last one the test's database is gone
    marker = item.get_closest_marker("django_db")
    emptied = marker is not None and marker.kwargs.get("transaction")
    if emptied or {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        with item.config.stash[blocking_manager_key].unblock():
            write_first_rows()


def write_first_rows() -> None:
    """The rows that migrations write, where they are missing."""
    if not Stamp.objects.exists():
        import_module("khlong.record.migrations.0002_append_only").begin_stamp(apps, None)
    if not ConsentText.objects.exists():
        import_module("khlong.privacy.migrations.0002_first_words").write(apps, None)


@pytest.fixture(scope="session", autouse=True)
def _opened() -> Iterator[list[Callable[[], None]]]:
    """What answers of the test clients opened since somebody looked: what closes each of it."""
    opened: list[Callable[[], None]] = []
    real = Client.request

    def noting(self: Client, **request: Any) -> Any:
        response = real(self, **request)
        if getattr(response, "streaming", False):
            opened.extend(response._resource_closers)
        return response

    Client.request = noting  # type: ignore[method-assign]
    yield opened
    Client.request = real  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _answers_closed(_opened: list[Callable[[], None]]) -> Iterator[None]:
    """Close the files of answers, read or not, as a server does after each."""
    yield
    while _opened:
        _opened.pop()()
