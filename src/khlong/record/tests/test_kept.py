"""What was rendered is kept for readers with the same rights and language, until anything is done anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory, override_settings
from django.utils.translation import override

from khlong.people.actor import ANONYMOUS, Actor, system_actor
from khlong.record.actions import registered
from khlong.record.kept import kept, rights, stamp

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "test-kept"}}


@pytest.fixture(autouse=True)
def real_cache() -> Iterator[None]:
    with override_settings(CACHES=LOCAL):
        cache.clear()
        yield
        cache.clear()


def request(actor: Actor = ANONYMOUS) -> Any:
    made = RequestFactory().get("/")
    made.actor = actor  # type: ignore[attr-defined]
    return made


@pytest.fixture
def render() -> Callable[[], str]:
    count = iter(range(100))
    return lambda: f"<p>{next(count)}</p>"


def test_the_second_reader_gets_what_the_first_was_shown(db: None, render: Callable[[], str]) -> None:
    assert kept(request(), "facts", render) == kept(request(), "facts", render) == "<p>0</p>"
    assert kept(request(), "other", render) == "<p>1</p>"


def test_what_is_kept_is_not_escaped_again(db: None, render: Callable[[], str]) -> None:
    assert hasattr(kept(request(), "facts", render), "__html__")


def test_each_language_has_its_own_words(db: None, render: Callable[[], str]) -> None:
    with override("en"):
        english = kept(request(), "facts", render)
    with override("th"):
        assert kept(request(), "facts", render) != english


def test_only_readers_with_the_same_rights_share(cast: Any, render: Callable[[], str]) -> None:
    words = {
        name: kept(request(actor), "facts", render) for name, actor in cast.actors.items() if name != "system"
    }
    assert len(set(words.values())) == len(words)
    assert kept(request(cast.actors["member"]), "facts", render) == words["member"]


def test_anything_done_anywhere_makes_all_of_it_new(city: Any, render: Callable[[], str]) -> None:
    before = kept(request(), "facts", render)
    registered()["places.city.save"](system_actor("test"), city, {"basin_th": "คลองอู่ตะเภา"})
    assert kept(request(), "facts", render) != before


def test_an_action_that_did_nothing_leaves_it_as_it_is(city: Any, render: Callable[[], str]) -> None:
    before = kept(request(), "facts", render)
    registered()["places.city.save"](system_actor("test"), city, {"name_th": "เมืองพะตง"})
    assert kept(request(), "facts", render) == before


def test_the_number_of_actions_is_asked_for_once_per_request(
    db: None, django_assert_num_queries: Any
) -> None:
    same = request()
    with django_assert_num_queries(1):
        assert stamp(same) == stamp(same) == 0


def test_rights_name_the_roles_and_the_spaces(cast: Any, city: Any) -> None:
    assert rights(ANONYMOUS) == "public"
    assert rights(cast.actors["steward"]) == "steward"
    assert rights(cast.actors["member"]) == f"{city.pk.hex}member"
