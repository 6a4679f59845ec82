from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.network.actions import give_role, take_role
from khlong.network.models import Membership
from khlong.network.tests.makers import SYSTEM, page
from khlong.people.actor import Role
from khlong.people.models import User
from khlong.places.models import City
from khlong.record.errors import Refused

LIST = "/cities/phatong/members/"


def role_of(user: User, city: City) -> str | None:
    return Membership.objects.filter(user=user, space=city.node).values_list("role", flat=True).first()


def take(city: City, user: User) -> str:
    return f"{LIST}{Membership.objects.get(user=user, space=city.node).pk}/take/"


def test_the_last_owner_cannot_go_or_become_less(cast: Any, city: City) -> None:
    own = Membership.objects.get(user=cast.owner)
    for actor in (cast.actors["owner"], cast.actors["steward"], SYSTEM):
        with pytest.raises(Refused):
            take_role(actor, own)
        with pytest.raises(Refused):
            give_role(actor, city.node, cast.owner, Role.MEMBER)
    assert role_of(cast.owner, city) == "owner"


def test_an_owner_goes_when_another_is_there(cast: Any, city: City) -> None:
    give_role(cast.actors["owner"], city.node, cast.member, Role.OWNER)
    take_role(cast.actors["member"], Membership.objects.get(user=cast.owner))
    assert (role_of(cast.owner, city), role_of(cast.member, city)) == (None, "owner")


def test_an_owner_of_another_city_does_not_count(cast: Any, city: City, other_city: City) -> None:
    give_role(SYSTEM, other_city.node, cast.stranger, Role.OWNER)
    with pytest.raises(Refused):
        take_role(cast.actors["owner"], Membership.objects.get(user=cast.owner))
    with pytest.raises(Refused):
        give_role(cast.actors["stranger"], city.node, cast.stranger, Role.OWNER)


def test_the_list_is_seen_by_those_who_work_there_and_by_nobody_else(
    client_of: Callable[[str], Client],
) -> None:
    assert (
        client_of("anonymous").get(LIST).headers["Location"]
        == "/signin/?next=%2Fcities%2Fphatong%2Fmembers%2F"
    )
    for name in ("observer", "stranger"):
        page(client_of(name), LIST, status=403)
    for name in ("owner", "member", "steward"):
        text = page(client_of(name), LIST)
        assert "observer" in text
        assert ('name="role"' in text[text.index("<main") :]) is (name != "member")
    page(client_of("steward"), "/cities/none/members/", status=404)


def test_an_owner_gives_a_role_by_user_name_whatever_its_case(
    client_of: Callable[[str], Client], cast: Any, city: City
) -> None:
    answer = client_of("owner").post(LIST, {"person": " Stranger ", "role": "observer"}, follow=True)
    assert role_of(cast.stranger, city) == "observer"
    assert "stranger มีบทบาทเป็นผู้สังเกตการณ์" in answer.content.decode()


def test_a_name_that_nobody_has_is_kept_in_the_form(client_of: Callable[[str], Client], cast: Any) -> None:
    cast.stranger.is_active = False
    cast.stranger.save()
    before = Membership.objects.count()
    for typed in ("ไม่มีใคร", "stranger", ""):
        answer = client_of("owner").post(LIST, {"person": typed, "role": "observer"})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert not typed or f'value="{typed}"' in text
        assert 'value="observer" ' in text.split("checked")[0].rsplit("<input", 1)[-1]
    assert Membership.objects.count() == before


@pytest.mark.parametrize("role", ["", "king", "OWNER"])
def test_only_the_roles_that_exist_are_given(
    role: str, client_of: Callable[[str], Client], cast: Any, city: City
) -> None:
    answer = client_of("owner").post(LIST, {"person": "stranger", "role": role})
    assert answer.status_code == 422
    assert role_of(cast.stranger, city) is None


def test_the_last_owner_is_told_why_the_role_stays(
    client_of: Callable[[str], Client], cast: Any, city: City
) -> None:
    words = "มอบบทบาทผู้ดูแลเมืองให้คนอื่นก่อน"
    client = client_of("owner")
    for answer in (
        client.post(LIST, {"person": "owner", "role": "member"}),
        client.post(take(city, cast.owner)),
    ):
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert role_of(cast.owner, city) == "owner"


def test_only_owners_give_and_take_roles(client_of: Callable[[str], Client], cast: Any, city: City) -> None:
    for name in ("anonymous", "stranger", "observer", "member"):
        client = client_of(name)
        assert client.post(LIST, {"person": "stranger", "role": "owner"}).status_code == 403
        assert client.post(take(city, cast.observer)).status_code == 403
    assert role_of(cast.stranger, city) is None
    assert role_of(cast.observer, city) == "observer"


def test_a_role_is_taken_by_post_and_only_in_its_own_city(
    client_of: Callable[[str], Client], cast: Any, city: City, other_city: City
) -> None:
    client = client_of("owner")
    assert client.get(take(city, cast.observer)).status_code == 405
    elsewhere = Membership.objects.get(space=other_city.node)
    assert client.post(f"{LIST}{elsewhere.pk}/take/").status_code == 404
    assert client.post(take(city, cast.observer)).headers["Location"] == LIST
    assert role_of(cast.observer, city) is None


def test_who_gives_up_the_own_role_is_led_to_the_city(
    client_of: Callable[[str], Client], cast: Any, city: City
) -> None:
    give_role(SYSTEM, city.node, cast.member, Role.OWNER)
    assert client_of("owner").post(take(city, cast.owner)).headers["Location"] == "/cities/phatong/"


def test_the_page_reads_in_english_within_twelve_questions(
    client_of: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    client = client_of("owner")
    with django_assert_max_num_queries(12):
        text = page(client, LIST, "en")
    assert "Who works in Phatong" in text
    assert "working group: writes" in text
