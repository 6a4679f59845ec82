"""What is kept of a rendered page: for whom, until when, and what never is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import SYSTEM, Cast
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.network.actions import give_role
from khlong.people.actor import Actor, Role, account_actor
from khlong.people.models import User
from khlong.places.actions import new_fact, save_community, save_fact
from khlong.places.models import Community, Source
from khlong.record.kept import kept
from khlong.web.tests.world import World, build, fact_values

ClientOf = Callable[[str], Client]
TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture(autouse=True)
def real_cache(settings: Any) -> Iterator[None]:
    place = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "kept"}
    settings.CACHES = {"default": place}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def world(cast: Cast, city: Any, source: Source) -> World:
    return build(city.node, city, source)


def asked_by(client: Client, address: str) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as queries:
        response: Any = client.get(address)
    assert response.status_code == 200
    return response.content.decode(), len(queries)


def request_of(actor: Actor) -> HttpRequest:
    request = RequestFactory().get("/")
    request.actor = actor  # type: ignore[attr-defined]
    return request


class Pen:
    """Writes another number each time it is asked to render."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return f"<b>{self.times}</b>"


# --- for whom -------------------------------------------------------------------------------


def test_a_second_reader_gets_what_was_rendered_for_the_first(cast: Cast) -> None:
    pen, anonymous = Pen(), cast.actors["anonymous"]
    first = kept(request_of(anonymous), "page", pen)
    assert kept(request_of(anonymous), "page", pen) == first == "<b>1</b>"
    assert pen.times == 1


def test_another_name_is_another_thing(cast: Cast) -> None:
    pen, anonymous = Pen(), cast.actors["anonymous"]
    assert kept(request_of(anonymous), "page", pen) != kept(request_of(anonymous), "page 2", pen)


def test_each_language_is_kept_by_itself(cast: Cast) -> None:
    pen, anonymous = Pen(), cast.actors["anonymous"]
    with override("th"):
        thai = kept(request_of(anonymous), "page", pen)
    with override("en"):
        assert kept(request_of(anonymous), "page", pen) != thai


def test_readers_with_other_rights_never_share(cast: Cast) -> None:
    pen = Pen()
    names = ("anonymous", "observer", "member", "owner", "stranger", "steward")
    given = {name: kept(request_of(cast.actors[name]), "page", pen) for name in names}
    assert len(set(given.values())) == len(names)


def test_two_members_of_one_city_share(cast: Cast, city: Any, other_city: Any) -> None:
    second = User.objects.create_user("second")
    give_role(SYSTEM, city.node, second, Role.MEMBER)
    pen = Pen()
    kept(request_of(cast.actors["member"]), "page", pen)
    kept(request_of(account_actor(second)), "page", pen)
    assert pen.times == 1


# --- until when -----------------------------------------------------------------------------


def test_any_action_anywhere_makes_it_new(cast: Cast, world: World) -> None:
    pen, anonymous = Pen(), cast.actors["anonymous"]
    kept(request_of(anonymous), "page", pen)
    save_community(SYSTEM, world.community, {"name_th": "บ้านใหม่"})
    assert kept(request_of(anonymous), "page", pen) == "<b>2</b>"


def test_an_action_that_changed_nothing_leaves_it(cast: Cast, world: World) -> None:
    pen, anonymous = Pen(), cast.actors["anonymous"]
    kept(request_of(anonymous), "page", pen)
    name = Community.objects.get(pk=world.community.pk).name_th
    save_community(SYSTEM, world.community, {"name_th": name})
    assert kept(request_of(anonymous), "page", pen) == "<b>1</b>"


def test_one_request_sees_one_state_from_its_beginning_to_its_end(cast: Cast, world: World) -> None:
    pen, request = Pen(), request_of(cast.actors["anonymous"])
    kept(request, "page", pen)
    save_community(SYSTEM, world.community, {"name_th": "บ้านใหม่"})
    assert kept(request, "page", pen) == "<b>1</b>"


# --- on real pages --------------------------------------------------------------------------


def test_a_second_reader_of_a_city_asks_much_less_and_reads_the_same(world: World) -> None:
    first, cold = asked_by(Client(), "/cities/phatong/")
    second, warm = asked_by(Client(), "/cities/phatong/")
    assert warm < cold / 2
    assert without_tokens(first) == without_tokens(second)


def without_tokens(html: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |nonce=)"[^"]+"', r"\1", html)


def test_a_new_figure_stands_on_the_city_page_at_once(world: World, source: Source) -> None:
    asked_by(Client(), "/cities/phatong/")
    save_fact(SYSTEM, new_fact(world.city.node), fact_values(source, value=4321))
    assert "4,321" in asked_by(Client(), "/cities/phatong/")[0]


def test_a_withdrawn_fact_is_gone_for_the_public_and_stays_for_the_working_group(
    client_of: ClientOf, world: World
) -> None:
    address = f"/facts/{world.fact.ref}/"
    for _time in range(2):
        assert client_of("anonymous").get(address).status_code == 200
    assert client_of("member").post(f"{address}withdraw/").status_code == 302
    assert client_of("anonymous").get(address).status_code == 404
    assert client_of("member").get(address).status_code == 200
    city = asked_by(client_of("anonymous"), "/cities/phatong/facts/")[0]
    assert world.fact.ref not in city
    assert world.fact.ref in asked_by(client_of("member"), "/cities/phatong/facts/")[0]


def test_buttons_of_the_working_group_never_reach_the_public(client_of: ClientOf, world: World) -> None:
    member = asked_by(client_of("member"), "/cities/phatong/")[0]
    public = asked_by(client_of("anonymous"), "/cities/phatong/")[0]
    assert "/cities/phatong/edit/" in member
    assert "/cities/phatong/edit/" not in public
    assert "/cities/phatong/edit/" in asked_by(client_of("member"), "/cities/phatong/")[0]


def test_the_other_language_is_not_served_from_what_was_kept(world: World) -> None:
    english = Client()
    english.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    asked_by(Client(), "/cities/phatong/")
    assert '<html lang="en">' in asked_by(english, "/cities/phatong/")[0]
    assert "พะตง" in asked_by(Client(), "/cities/phatong/")[0]
    assert ">Phatong<" in asked_by(english, "/cities/phatong/")[0]


ADDRESSES = (
    "/facts/{fact}/",
    "/facts/{fact}/correct/",
    "/cities/phatong/",
    "/cities/phatong/edit/",
    "/cities/phatong/strategy/edit/",
    "/facts/add/?about=C-PTG",
)


class Glass:
    """A cache that keeps nothing and remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def get(self, _key: str) -> None:
        return None

    def set(self, _key: str, value: str, _seconds: int) -> None:
        self.given.append(value)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_form_token_is_ever_kept(
    client_of: ClientOf, world: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    glass = Glass()
    monkeypatch.setattr("khlong.record.kept.cache", glass)
    page = asked_by(client_of("owner"), address.format(fact=world.fact.ref))[0]
    tokens = TOKEN.findall(page)
    assert tokens
    assert glass.given
    for text in glass.given:
        assert "csrfmiddlewaretoken" not in text
        assert not any(token in text for token in tokens)


def test_two_people_with_one_page_kept_have_their_own_tokens(client_of: ClientOf, world: World) -> None:
    address = f"/facts/{world.fact.ref}/correct/"
    pages = [asked_by(client_of("member"), address)[0] for _time in range(2)]
    tokens = [set(TOKEN.findall(page)) for page in pages]
    assert all(tokens)
    assert not tokens[0] & tokens[1]
