"""An account given by an owner: a paper with a user name, and a link with which its holder chooses the password."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.test import Client

from khlong.network.invitations import accept_invitation, make_invitation
from khlong.network.models import Invitation, Membership
from khlong.network.tests.makers import SYSTEM, page, words
from khlong.network.tests.test_invitations import INVITE, PASSWORD, PRANEE, holder, opened
from khlong.people.actor import Role
from khlong.people.line.client import Person
from khlong.people.line.identities import account_of
from khlong.people.models import User
from khlong.places.models import City
from khlong.record.errors import Refused

ClientOf = Callable[[str], Client]
TYPED = {"display_name": "ป้าแจ่ม", "password1": PASSWORD, "password2": PASSWORD}


def slip(city: City, username: str = "pa-jaem") -> tuple[Invitation, str]:
    return make_invitation(SYSTEM, city.node, Role.MEMBER, username=username)


def test_the_paper_names_the_user_and_its_holder_chooses_only_a_password(
    client_of: ClientOf, city: City
) -> None:
    answer = client_of("owner").post(INVITE, {"role": "member", "days": "7", "username": "pa-jaem"})
    html = answer.content.decode()
    token = re.search(r"/i/([\w-]+)/", html)
    assert token is not None
    assert "pa-jaem" in html
    client = opened(token[1])
    text = page(client, "/invited/")
    assert "pa-jaem" in text
    assert 'name="username"' not in text
    client.post("/invited/", TYPED | {"username": "somebody-else"})
    user = auth.get_user(client)
    assert isinstance(user, User)
    assert (user.username, user.display_name) == ("pa-jaem", "ป้าแจ่ม")
    assert Membership.objects.get(user=user).role == "member"


@pytest.mark.parametrize("name", ["owner", "OWNER", "system", "two words"])
def test_a_name_that_cannot_be_is_told_at_its_field_and_the_rest_stays(
    client_of: ClientOf, city: City, name: str
) -> None:
    answer = client_of("owner").post(
        INVITE, {"role": "member", "days": "7", "username": name, "note": "ป้าแจ่ม"}
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"username"}
    assert 'value="ป้าแจ่ม"' in answer.content.decode()
    assert not Invitation.objects.exists()


def test_a_name_on_one_paper_is_promised_to_nobody_else(city: City) -> None:
    made, _token = slip(city)
    with pytest.raises(ValidationError):
        slip(city, "Pa-Jaem")
    accept_invitation(holder(made), made, PRANEE)
    with pytest.raises(ValidationError):
        slip(city)


def test_a_name_that_was_taken_meanwhile_is_said_with_the_mend(city: City) -> None:
    made, token = slip(city)
    User.objects.create_user("pa-jaem")
    with pytest.raises(Refused):
        accept_invitation(holder(made), made, PRANEE)
    assert opened(token).post("/invited/", TYPED).status_code == 410


def test_whoever_is_signed_in_does_not_use_somebody_elses_paper_up(
    client_of: ClientOf, cast: Any, city: City
) -> None:
    made, token = slip(city)
    client = opened(token, client_of("stranger"))
    assert client.get("/invited/").status_code == 410
    with pytest.raises(Refused):
        accept_invitation(holder(made, cast.actors["stranger"]), made)
    assert Invitation.objects.get().used_at is None
    assert "pa-jaem" in words(opened(token), "/invited/")


def test_an_invitation_is_accepted_with_line_and_needs_no_password(
    city: City, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person("U" + "1" * 32, "แจ่ม")
    settings.KHLONG = {**settings.KHLONG, "line.channel_id": "1656789012", "line.channel_secret": "s" * 32}
    monkeypatch.setattr("khlong.people.line.client.person_of", lambda *_asked: person)
    _made, token = make_invitation(SYSTEM, city.node, Role.MEMBER)
    client = opened(token)
    there = client.post("/signin/line/", {"purpose": "invited", "next": "/invited/"}).context["there"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    assert client.get(f"/signin/line/back/?code=x&state={state}")["Location"] == "/invited/"
    assert not User.objects.filter(username="pa-jaem").exists()
    text = page(client, "/invited/")
    assert "แจ่ม" in text
    assert "password1" not in text
    client.post("/invited/", {"username": "pa-jaem", "display_name": "ป้าแจ่ม"})
    user = auth.get_user(client)
    assert isinstance(user, User)
    assert (user.username, user.has_usable_password()) == ("pa-jaem", False)
    assert account_of(person.subject) == user
    assert Membership.objects.get(user=user).role == "member"
