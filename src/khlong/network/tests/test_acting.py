"""A link lets somebody without an account do a few things in one space, and counts what it was used for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from khlong.network import acting
from khlong.network.models import ActingLink
from khlong.network.tests.makers import SYSTEM
from khlong.people.actor import ANONYMOUS, Actor, ActorKind
from khlong.people.policy import Verb
from khlong.people.pseudonyms import contributing
from khlong.record.actions import Act
from khlong.record.errors import Refused
from khlong.record.models import AuditEntry

pytestmark = pytest.mark.django_db
SAY = "test.thing.say"


@pytest.fixture(autouse=True)
def say_is_offered() -> Iterator[None]:
    acting.offer(SAY, "say")
    yield
    acting._offered.pop(SAY)


def link(city: Any, **more: Any) -> ActingLink:
    return acting.make_acting_link(SYSTEM, city.node, "โต๊ะ 3", [SAY], **more)[0]


def opened(made: ActingLink, client: Client | None = None) -> Any:
    """A request of a browser that begins with the link."""
    request = RequestFactory().get("/")
    request.session = (client or Client()).session
    acting.begin(request, made)
    return request


def holder(made: ActingLink) -> Actor:
    actor = acting.link_held(opened(made), ANONYMOUS)
    assert actor is not None
    return actor


def say(actor: Actor, city: Any, name: str = SAY) -> None:
    with transaction.atomic():
        act = Act(actor, name)
        act.require(Verb.ADD, city.node)
        act.note(city)
        act.close()


def test_who_holds_a_link_does_what_it_allows_and_the_audit_names_the_link(
    city: Any, other_city: Any
) -> None:
    made = link(city, most_uses=5)
    actor = holder(made)
    say(actor, city)
    line = AuditEntry.objects.get(action=SAY)
    assert (line.actor_kind, line.actor) == (str(ActorKind.LINK), f"link {made.pk}")
    for space, name in ((other_city, SAY), (city, "places.city.save")):
        with pytest.raises(Refused):
            say(actor, space, name)
    made.refresh_from_db()
    assert made.uses == 1


def test_a_link_for_once_works_once(city: Any) -> None:
    made = link(city)
    first, second = holder(made), holder(made)
    say(first, city)
    with pytest.raises(Refused):
        say(second, city)
    assert AuditEntry.objects.filter(action=SAY).count() == 1
    made.refresh_from_db()
    with pytest.raises(Refused):
        opened(made)


def test_a_link_without_a_number_works_until_its_day(city: Any) -> None:
    made = link(city, most_uses=None)
    actor = holder(made)
    for _ in range(3):
        say(actor, city)
    ActingLink.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(Refused):
        say(actor, city)


def test_a_link_that_was_withdrawn_is_worthless_for_who_holds_it(city: Any) -> None:
    made = link(city, most_uses=None)
    request = opened(made)
    actor = acting.link_held(request, ANONYMOUS)
    assert actor is not None
    acting.withdraw_acting_link(SYSTEM, made)
    assert acting.link_held(request, ANONYMOUS) is None
    with pytest.raises(Refused):
        say(actor, city)


def test_a_link_that_binds_works_in_the_first_browser_only(city: Any) -> None:
    made = link(city, binds=True, most_uses=None)
    first = opened(made)
    with pytest.raises(Refused):
        opened(made, Client())
    assert acting.link_held(first, ANONYMOUS) is not None
    passed_on = link(city, most_uses=None)
    opened(passed_on)
    assert opened(passed_on, Client()) is not None


def test_somebody_who_is_signed_in_stays_herself(cast: Any, city: Any) -> None:
    assert acting.link_held(opened(link(city)), cast.actors["member"]) is None


def test_who_contributes_with_a_link_has_one_pseudonym_for_as_long_as_the_session(city: Any) -> None:
    made = link(city, most_uses=None)
    request, other = opened(made), opened(made, Client())
    names = [
        contributing(holder(made), city.pk, acting.person_of(browser)).label
        for browser in (request, request, other)
    ]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 367}, {"most_uses": 0}])
def test_a_link_always_ends_and_allows_one_use_at_least(city: Any, wrong: dict[str, int]) -> None:
    with pytest.raises(Refused):
        link(city, **wrong)


def test_a_link_allows_only_what_a_room_offers(city: Any) -> None:
    for actions in ([], ["network.role.give"], [SAY, "network.role.give"]):
        with pytest.raises(Refused):
            acting.make_acting_link(SYSTEM, city.node, "x", actions)
    assert SAY in acting.offered()


# --- the pages --------------------------------------------------------------------------------


def test_a_link_is_opened_read_and_begun(client: Client, city: Any) -> None:
    made, token = acting.make_acting_link(SYSTEM, city.node, "โต๊ะ 3", [SAY], binds=True)
    answer = client.get(f"/a/{token}/")
    assert (answer.status_code, answer["Location"]) == (302, "/acting/")
    assert token not in answer["Location"]
    page = client.get("/acting/")
    assert page.context["link"].name == "โต๊ะ 3"
    made.refresh_from_db()
    assert made.bound_to == ""
    assert client.post("/acting/").status_code == 302
    made.refresh_from_db()
    assert made.bound_to
    assert client.get("/").wsgi_request.actor.kind is ActorKind.LINK  # type: ignore[attr-defined]
    passed_on = Client()
    passed_on.get(f"/a/{token}/")
    assert passed_on.get("/acting/").status_code == 410


def test_a_link_that_is_none_is_not_known_and_guessing_is_slowed(client: Client, city: Any) -> None:
    assert client.get("/acting/").status_code == 404
    for number in range(21):
        client.get(f"/a/guess{number}/")
        last = client.get("/acting/").status_code
    assert last == 429


def test_a_link_that_was_withdrawn_says_so(client: Client, city: Any) -> None:
    made, token = acting.make_acting_link(SYSTEM, city.node, "โต๊ะ 3", [SAY])
    acting.withdraw_acting_link(SYSTEM, made)
    client.get(f"/a/{token}/")
    assert client.get("/acting/").status_code == 410
    assert client.post("/acting/").status_code == 410
