"""Passkeys: registered, used without a password and after one, and everything that must not hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import auth
from django.test import Client
from django.utils import timezone

from khlong.people import entering, second
from khlong.people.models import User
from khlong.people.proofs import Challenge, Passkey
from khlong.people.tests.authenticator import Key
from khlong.people.tests.test_second import PASSWORD, clock, set_up, somying

__all__ = ["clock", "somying"]

HERE = {"HTTP_HOST": "localhost"}


def browser() -> Client:
    return Client(**HERE)  # type: ignore[arg-type]


def is_in(client: Client) -> bool:
    return bool(auth.get_user(client).is_authenticated)


def by_password(name: str = "somying") -> Client:
    client = browser()
    client.post("/signin/", {"username": name, "password": PASSWORD})
    return client


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(path, body or {}, content_type="application/json")


def register(client: Client, key: Key, name: str = "โทรศัพท์") -> Any:
    options = post(client, "/account/passkeys/begin/").json()
    return post(client, "/account/passkeys/add/", {"answer": key.create(options), "name": name})


def sign_in(key: Key, client: Client | None = None, **more: str) -> tuple[Client, Any]:
    client = client or browser()
    options = post(client, "/signin/passkey/begin/").json()
    return client, post(client, "/signin/passkey/", {"answer": key.get(options)} | more)


@pytest.fixture
def key(somying: User) -> Key:
    made = Key()
    assert register(by_password(), made).status_code == 200
    return made


# --- registering ----------------------------------------------------------------------------


def test_several_are_registered_with_names_and_listed(somying: User, key: Key) -> None:
    client = by_password()
    assert register(client, Key(), " เครื่องที่สำนักงาน ").json() == {"to": "/account/passkeys/"}
    text = client.get("/account/passkeys/").content.decode()
    assert "โทรศัพท์" in text
    assert list(Passkey.objects.values_list("name", flat=True)) == ["โทรศัพท์", "เครื่องที่สำนักงาน"]


def test_the_browser_is_asked_for_a_key_that_finds_itself_and_knows_the_person(somying: User) -> None:
    asked = post(by_password(), "/account/passkeys/begin/").json()["publicKey"]
    assert asked["rp"]["id"] == "localhost"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"


def test_a_device_that_has_one_is_not_asked_for_another(somying: User, key: Key) -> None:
    asked = post(by_password(), "/account/passkeys/begin/").json()["publicKey"]
    assert len(asked["excludeCredentials"]) == 1
    assert register(by_password(), key).status_code == 422
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://localhost"},
        {"origin": "http://localhost:8000"},
        {"origin": "http://evil.example"},
        {"rp_id": "evil.example"},
        {"verified": False},
    ],
)
def test_another_origin_another_name_or_no_finger_is_refused(somying: User, wrong: dict[str, Any]) -> None:
    answer = register(by_password(), Key(**wrong))
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert not Passkey.objects.exists()


def test_an_old_proof_of_who_one_is_makes_no_passkey(somying: User, clock: list[int]) -> None:
    client = by_password()
    clock[0] += entering.FRESH_SECONDS + 1
    answer = post(client, "/account/passkeys/begin/")
    assert answer["Location"].startswith("/account/confirm/")


def test_at_a_number_the_page_says_why_there_is_none(somying: User) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies["khlong_language"] = "en"
    client.post("/signin/", {"username": "somying", "password": PASSWORD})
    text = client.get("/account/passkeys/").content.decode()
    assert "127.0.0.1" in text
    assert "data-passkey" not in text
    assert "data-passkey" not in client.get("/signin/").content.decode()


# --- signing in -----------------------------------------------------------------------------


def test_it_signs_in_without_a_password_or_a_name(somying: User, key: Key) -> None:
    client, answer = sign_in(key, next="/account/")
    assert answer.json() == {"to": "/account/"}
    assert auth.get_user(client) == somying
    assert client.session[entering.STRONG] is True
    row = Passkey.objects.get()
    assert row.count == key.count
    assert row.used_at is not None


def test_it_leads_to_no_other_host(somying: User, key: Key) -> None:
    assert sign_in(key, next="https://evil.example/")[1].json() == {"to": "/"}


def test_it_stands_in_the_place_of_the_code_and_for_its_own_account_only(
    somying: User, key: Key, clock: list[int]
) -> None:
    set_up(somying, clock)
    prasert = User.objects.create_user("prasert", PASSWORD)
    theirs = Key()
    register(by_password("prasert"), theirs)
    client = by_password()
    assert not is_in(client)
    assert 'data-begin="/signin/passkey/begin/"' in client.get("/signin/code/").content.decode()
    assert sign_in(theirs, client)[1].status_code == 422
    assert not is_in(client)
    assert sign_in(key, client)[1].status_code == 200
    assert auth.get_user(client) == somying
    assert prasert.passkeys.get().used_at is None


def test_it_proves_again_who_one_is(somying: User, key: Key, clock: list[int]) -> None:
    client = by_password()
    clock[0] += entering.FRESH_SECONDS + 1
    assert client.get("/account/email/").status_code == 302
    options = post(client, "/account/confirm/passkey/begin/").json()
    answer = post(
        client, "/account/confirm/passkey/", {"answer": key.get(options), "next": "/account/email/"}
    )
    assert answer.json() == {"to": "/account/email/"}
    assert client.get("/account/email/").status_code == 200


def test_an_answer_is_taken_once(somying: User, key: Key) -> None:
    client = browser()
    options = post(client, "/signin/passkey/begin/").json()
    answer = {"answer": key.get(options)}
    assert post(client, "/signin/passkey/", answer).status_code == 200
    client.post("/signout/")
    assert post(client, "/signin/passkey/", answer).status_code == 422
    assert not is_in(client)
    assert not Challenge.objects.exists()


def test_the_answer_to_another_browsers_question_does_not_hold(somying: User, key: Key) -> None:
    theirs, mine = browser(), browser()
    options = post(theirs, "/signin/passkey/begin/").json()
    post(mine, "/signin/passkey/begin/")
    assert post(mine, "/signin/passkey/", {"answer": key.get(options)}).status_code == 422
    assert not is_in(mine)


def test_a_question_waits_ten_minutes(somying: User, key: Key) -> None:
    client = browser()
    options = post(client, "/signin/passkey/begin/").json()
    Challenge.objects.update(made_at=timezone.now() - timedelta(minutes=11))
    assert post(client, "/signin/passkey/", {"answer": key.get(options)}).status_code == 422


def test_a_counter_that_does_not_rise_is_a_copy(somying: User, key: Key) -> None:
    sign_in(key)
    key.count -= 1
    client, answer = sign_in(key)
    assert answer.status_code == 422
    assert not is_in(client)


def test_a_device_that_counts_nothing_works_again_and_again(somying: User) -> None:
    quiet = Key(count=0)
    register(by_password(), quiet)
    for _time in range(2):
        quiet.count = -1
        assert sign_in(quiet)[1].status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://evil.example"},
        {"rp_id": "evil.example"},
        {"verified": False},
        {"handle": b"0" * 16},
        {"handle": b""},
        {"credential_id": b"0" * 32},
    ],
)
def test_nothing_that_is_wrong_signs_in(somying: User, key: Key, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(key, name, value)
    client, answer = sign_in(key)
    assert answer.status_code == 422
    assert not is_in(client)


def test_another_private_key_signs_nobody_in(somying: User, key: Key) -> None:
    key.private = Key().private
    assert sign_in(key)[1].status_code == 422


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"answer": 1}', '{"answer": {"id": 7}}', '{"answer": {"rawId": "-"}}']
)
def test_rubbish_is_refused_in_words(somying: User, body: str) -> None:
    client = browser()
    post(client, "/signin/passkey/begin/")
    answer = client.post("/signin/passkey/", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_whoever_was_closed_out_comes_in_by_no_passkey(somying: User, key: Key) -> None:
    User.objects.update(is_active=False)
    assert sign_in(key)[1].status_code == 422


def test_too_many_tries_from_one_place_must_wait(somying: User, key: Key) -> None:
    key.rp_id = "evil.example"
    client = browser()
    answers = [sign_in(key, client)[1].status_code for _try in range(21)]
    assert answers == [422] * 20 + [429]


# --- removing -------------------------------------------------------------------------------


def test_one_is_removed_and_signs_in_no_more_and_nobody_removes_anothers(somying: User, key: Key) -> None:
    User.objects.create_user("prasert", PASSWORD)
    path = f"/account/passkeys/{Passkey.objects.get().pk}/remove/"
    assert by_password("prasert").post(path).status_code == 404
    assert by_password().post(path)["Location"] == "/account/passkeys/"
    assert sign_in(key)[1].status_code == 422


def test_whoever_must_have_a_second_factor_may_have_a_passkey_instead_of_an_app(
    somying: User, key: Key, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    User.objects.update(is_steward=True)
    client = by_password()
    assert not is_in(client)
    assert sign_in(key, client)[1].status_code == 200
    assert client.get("/account/").status_code == 200
    assert not second.is_on(somying)
