"""LINE Login against a double on loopback that refuses what LINE refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.contrib import auth
from django.test import Client
from django.utils.html import strip_tags

from khlong.people import entering
from khlong.people.actions import open_account
from khlong.people.line import client as line_client
from khlong.people.line import identities
from khlong.people.line.tests.double import CODE_SECONDS, Line, Served
from khlong.people.models import User
from khlong.people.proofs import Identity
from khlong.people.tests.test_second import PASSWORD, clock, code_at, set_up, somying

__all__ = ["clock", "somying"]

BACK = "http://testserver/signin/line/back/"


@pytest.fixture
def line(settings: Any) -> Iterator[Line]:
    double = Line(callbacks={BACK})
    with Served(double) as served:
        ours = {"line.channel_id": double.channel_id, "line.channel_secret": double.channel_secret}
        ours |= {"line.site": served.address, "line.api": served.address, "line.bot_prompt": "normal"}
        settings.KHLONG = {**settings.KHLONG, **ours}
        yield double


def begin(client: Client, purpose: str = "enter", then: str = "/account/") -> dict[str, str]:
    """Press the button; gives what LINE is asked, checked by the double."""
    client.cookies["khlong_language"] = "en"
    answer = client.post("/signin/line/", {"purpose": purpose, "next": then})
    assert answer.status_code == 200, answer.get("Location")
    return dict(parse_qsl(urlsplit(answer.context["there"]).query))


def through(line: Line, client: Client, purpose: str = "enter", then: str = "/account/") -> Any:
    """All the way: to LINE, agree, and back."""
    asked = begin(client, purpose, then)
    status, found = line.authorize(urlencode(asked))
    assert status == 200, found
    return client.get(line.approve(asked).removeprefix("http://testserver"))


def by_password() -> Client:
    client = Client()
    client.cookies["khlong_language"] = "en"
    client.post("/signin/", {"username": "somying", "password": PASSWORD})
    return client


def told(client: Client, answer: Any) -> str:
    """What the reader reads after the redirection, in English."""
    client.cookies["khlong_language"] = "en"
    text = strip_tags(client.get(answer["Location"], follow=True).content.decode())
    return re.sub(r"\s+", " ", text)


def who(client: Client) -> Any:
    return auth.get_user(client)


# --- off until it is set ------------------------------------------------------------------------


def test_without_a_channel_there_is_no_button_and_no_page(somying: User) -> None:
    client = by_password()
    for path in ("/signin/", "/account/"):
        assert "LINE" not in strip_tags(client.get(path).content.decode())
    assert client.post("/signin/line/", {"purpose": "enter"}).status_code == 404
    assert client.get("/signin/line/back/").status_code == 404
    assert client.get("/account/line/").status_code == 404


# --- the way there and back -----------------------------------------------------------------------


def test_line_is_asked_as_its_contract_says(line: Line, db: None) -> None:
    client = Client()
    asked = begin(client)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "openid profile"
    assert asked["code_challenge_method"] == "S256"
    assert asked["bot_prompt"] == "normal"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert begin(client)["state"] != asked["state"]
    assert not line.refused


def test_one_who_linked_line_signs_in_with_it(line: Line, somying: User) -> None:
    assert through(line, by_password(), "link")["Location"] == "/account/line/"
    client = Client()
    assert through(line, client)["Location"] == "/account/"
    assert who(client) == somying
    assert not line.refused


@pytest.mark.parametrize("algorithm", ["HS256", "ES256"])
def test_both_of_lines_signatures_are_believed(line: Line, somying: User, algorithm: str) -> None:
    line.algorithm = algorithm
    through(line, by_password(), "link")
    client = Client()
    through(line, client)
    assert who(client) == somying


def test_the_id_of_line_is_sealed_and_marked(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    row = Identity.objects.get()
    assert line.subject.encode() not in bytes(row.subject)
    assert line.subject not in row.mark
    assert identities.account_of(line.subject) == somying
    assert identities.account_of("U0") is None


def test_a_second_factor_is_asked_for_after_line_too(line: Line, somying: User, clock: list[int]) -> None:
    through(line, by_password(), "link")
    set_up(somying, clock)
    client = Client()
    assert through(line, client)["Location"] == "/signin/code/"
    assert not who(client).is_authenticated
    client.post("/signin/code/", {"code": code_at(somying, clock[0])})
    assert who(client) == somying


def test_line_makes_no_account_out_of_nothing(line: Line, somying: User) -> None:
    client = Client()
    answer = through(line, client)
    assert "link it on your account page" in told(client, answer)
    assert User.objects.count() == 1
    assert not who(client).is_authenticated


def test_a_closed_account_does_not_come_in_by_line(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    User.objects.update(is_active=False)
    client = Client()
    through(line, client)
    assert not who(client).is_authenticated


def test_line_proves_again_who_one_is_and_nobody_else(line: Line, somying: User, clock: list[int]) -> None:
    client = by_password()
    through(line, client, "link")
    clock[0] += entering.FRESH_SECONDS + 1
    subject, line.subject = line.subject, "U" + "0" * 32
    through(line, client, "confirm", "/account/email/")
    assert client.get("/account/email/").status_code == 302
    line.subject = subject
    assert through(line, client, "confirm", "/account/email/")["Location"] == "/account/email/"
    assert client.get("/account/email/").status_code == 200


# --- everything that must not hold -----------------------------------------------------------------


def test_one_who_cancels_is_told_that_nothing_changed(line: Line, somying: User) -> None:
    client = Client()
    asked = begin(client)
    answer = client.get(line.cancel(asked).removeprefix("http://testserver"))
    assert answer["Location"] == "/signin/"
    assert "You stopped it in LINE" in told(client, answer)


def test_another_state_or_none_is_not_believed(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    for state in ("", "wrong", "ผิด"):
        client = Client()
        asked = begin(client)
        address = line.approve(asked | {"state": state})
        answer = client.get(address.removeprefix("http://testserver"))
        assert "not believed" in told(client, answer)
        assert not who(client).is_authenticated


def test_the_answer_to_another_browser_signs_nobody_in(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    theirs, mine = Client(), Client()
    address = line.approve(begin(theirs)).removeprefix("http://testserver")
    begin(mine)
    mine.get(address)
    assert not who(mine).is_authenticated


def test_an_answer_is_taken_once(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    client = Client()
    address = line.approve(begin(client)).removeprefix("http://testserver")
    client.get(address)
    client.post("/signout/")
    client.get(address)
    assert not who(client).is_authenticated


def test_a_code_older_than_ten_minutes_is_told(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    client = Client()
    address = line.approve(begin(client)).removeprefix("http://testserver")
    for given in line.codes.values():
        given.at -= CODE_SECONDS + 1
    assert "no longer valid" in told(client, client.get(address))
    assert not who(client).is_authenticated
    assert line.refused == ["invalid authorization code"]


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.example"},
        {"aud": "1234567890"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "other"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
    ],
)
def test_an_id_token_that_is_not_for_this_question_signs_nobody_in(
    line: Line, somying: User, spoil: dict[str, Any]
) -> None:
    through(line, by_password(), "link")
    line.spoil = spoil
    client = Client()
    through(line, client)
    assert not who(client).is_authenticated


def test_a_token_signed_with_another_secret_or_by_nobody_is_not_believed(line: Line) -> None:
    asked = {"nonce": "n", "scope": "openid"}
    good = line.id_token(asked)
    assert line_client.verified(good, "n")["sub"] == line.subject
    for other in (Line(channel_id=line.channel_id), Line(channel_id=line.channel_id, algorithm="ES256")):
        with pytest.raises(line_client.LineRefused):
            line_client.verified(other.id_token(asked), "n")
    unsigned = good.rsplit(".", 1)[0].replace(good.split(".")[0], "eyJhbGciOiJub25lIn0") + "."
    for token in (unsigned, "", "a.b.c", good[:-4]):
        with pytest.raises(line_client.LineRefused):
            line_client.verified(token, "n")


def test_when_line_is_down_it_is_said_and_the_password_remains(line: Line, somying: User) -> None:
    client = Client()
    address = line.approve(begin(client)).removeprefix("http://testserver")
    line.down = True
    assert "LINE does not answer" in told(client, client.get(address))


def test_when_nobody_answers_at_all_it_is_said(line: Line, somying: User, settings: Any) -> None:
    client = Client()
    address = line.approve(begin(client)).removeprefix("http://testserver")
    settings.KHLONG = {**settings.KHLONG, "line.api": "http://127.0.0.1:9"}
    assert "LINE does not answer" in told(client, client.get(address))


def test_a_channel_that_line_does_not_know_is_the_keepers_business(line: Line, somying: User) -> None:
    client = Client()
    address = line.approve(begin(client)).removeprefix("http://testserver")
    line.channel_secret = "another"
    assert "Tell whoever runs it" in told(client, client.get(address))
    assert line.refused == ["client authentication failed"]


# --- linking and unlinking ----------------------------------------------------------------------------


def test_one_line_account_belongs_to_one_account_here(line: Line, somying: User) -> None:
    through(line, by_password(), "link")
    User.objects.create_user("prasert", PASSWORD)
    other = Client()
    other.post("/signin/", {"username": "prasert", "password": PASSWORD})
    answer = through(line, other, "link")
    assert "linked to another account" in told(other, answer)
    assert Identity.objects.get().user == somying


def test_linking_needs_a_fresh_proof_and_the_same_person(line: Line, somying: User, clock: list[int]) -> None:
    client = by_password()
    asked = begin(client, "link")
    User.objects.create_user("prasert", PASSWORD)
    client.post("/signin/", {"username": "prasert", "password": PASSWORD})
    client.get(line.approve(asked).removeprefix("http://testserver"))
    assert not Identity.objects.exists()
    clock[0] += entering.FRESH_SECONDS + 1
    answer = client.post("/signin/line/", {"purpose": "link"})
    assert answer["Location"].startswith("/account/confirm/")


def test_unlinking_ends_it_and_the_only_way_in_stays(line: Line, somying: User) -> None:
    client = by_password()
    through(line, client, "link")
    User.objects.filter(pk=somying.pk).update(password="!none")
    alone = Client()
    through(line, alone)
    assert alone.post("/account/line/unlink/")["Location"] == "/account/line/"
    assert Identity.objects.exists()
    somying.set_password(PASSWORD)
    somying.save()
    client = by_password()
    assert client.post("/account/line/unlink/")["Location"] == "/account/"
    assert not Identity.objects.exists()
    late = Client()
    through(line, late)
    assert not who(late).is_authenticated


def test_one_without_a_password_sets_one(line: Line, db: None) -> None:
    user = open_account("new", None, proven=line_client.Person(line.subject, line.name))
    client = Client()
    through(line, client)
    assert who(client) == user
    assert (
        client.post("/account/password/", {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    )
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


# --- the double itself ----------------------------------------------------------------------------------


WRONG_QUESTIONS: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "response_type"),
    ({"client_id": "1"}, "client_id"),
    ({"redirect_uri": f"{BACK}?x=1"}, "redirect_uri"),
    ({"state": None}, "state"),
    ({"scope": "friends"}, "scope"),
    ({"code_challenge_method": "plain"}, "S256"),
    ({"bot_prompt": "always"}, "bot_prompt"),
    ({"colour": "blue"}, "not known"),
]


@pytest.mark.parametrize(("change", "words"), WRONG_QUESTIONS)
def test_the_double_refuses_what_line_refuses(
    line: Line, db: None, change: dict[str, str | None], words: str
) -> None:
    asked = {name: value for name, value in (begin(Client()) | change).items() if value is not None}
    status, found = line.authorize(urlencode(asked))
    assert status == 400
    assert words in str(found)


def form_of(line: Line, **change: str) -> str:
    asked = {"redirect_uri": BACK, "state": "s", "scope": "openid", "code_challenge": ""}
    verifier = "v" * 43
    asked["code_challenge"] = line_client.challenge_of(verifier)
    code = dict(parse_qsl(urlsplit(line.approve(asked)).query))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": line.channel_id,
        "client_secret": line.channel_secret,
        "code_verifier": verifier,
    }
    return "&".join(f"{name}={value}" for name, value in (form | change).items())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "other"}, "invalid_grant"),
        ({"redirect_uri": "http://testserver/"}, "invalid_grant"),
        ({"client_secret": "other"}, "invalid_client"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
    ],
)
def test_the_double_gives_no_token_for_less(line: Line, change: dict[str, str], error: str) -> None:
    form = "application/x-www-form-urlencoded"
    good = form_of(line)
    assert line.token("application/json", good)[0] == 400
    assert line.token(form, form_of(line, **change))[1]["error"] == error
    status, answer = line.token(form, good)
    assert status == 200
    assert line.verify(f"id_token={answer['id_token']}&client_id={line.channel_id}")[1]["sub"] == line.subject
    assert line.verify(f"id_token={answer['id_token']}&client_id=1")[0] == 400
    assert line.token(form, good)[1]["error"] == "invalid_grant"
