"""A forgotten password by e-mail, where letters are sent, and in words where they are not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import auth
from django.test import Client
from django.utils.html import strip_tags

from khlong.people import throttle
from khlong.people.models import User

OLD, NEW = "สายน้ำมีชีวิต-2565", "ธรรมนูญสายคลอง-2566"
HOME = "https://khlong.example.org"
TYPED = {"password1": NEW, "password2": NEW}


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", OLD, email="somying@example.org")


@pytest.fixture
def letters(settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """ask(name) asks for a link; gives the letters that were sent by it."""
    settings.KHLONG = {**settings.KHLONG, "email.host": "mail.example.org", "address": HOME}
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("khlong.people.mail._send", lambda to, _subject, text: sent.append((to, text)))
    monkeypatch.setattr("threading.Thread.start", lambda thread: thread._target(*thread._args))

    def ask(name: str, **more: Any) -> list[tuple[str, str]]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            assert Client().post("/signin/forgotten/", {"person": name}, **more).status_code == 200
        return list(sent)

    return ask


def link_in(text: str) -> str:
    found = re.search(HOME + r"(/signin/reset/\S+)", text)
    assert found is not None
    return found[1]


def test_without_a_server_for_letters_the_page_says_whom_to_ask(somying: User, client: Client) -> None:
    client.cookies["khlong_language"] = "en"
    text = strip_tags(client.get("/signin/forgotten/").content.decode())
    assert "sends no e-mail" in text
    assert "An owner of your city" in text
    assert client.post("/signin/forgotten/", {"person": "somying"}).status_code == 422


def test_the_link_in_the_letter_gives_a_new_password_once_and_ends_all_sessions(
    somying: User, letters: Any
) -> None:
    elsewhere = Client()
    elsewhere.post("/signin/", {"username": "somying", "password": OLD})
    [(to, text)] = letters("SomYing")
    assert to == "somying@example.org"
    client = Client()
    assert client.get(link_in(text))["Location"] == "/signin/new-password/"
    assert client.post("/signin/new-password/", TYPED)["Location"] == "/signin/"
    assert not auth.get_user(elsewhere).is_authenticated
    somying.refresh_from_db()
    assert somying.check_password(NEW)
    late = Client()
    late.get(link_in(text))
    assert late.post("/signin/new-password/", TYPED).status_code == 410


def test_an_unknown_name_and_one_without_an_address_get_the_same_answer(somying: User, letters: Any) -> None:
    User.objects.create_user("noaddress", OLD)
    assert letters("nobody") == letters("noaddress") == []


def test_letters_are_counted_for_each_account(somying: User, letters: Any) -> None:
    sent = [len(letters("somying", REMOTE_ADDR=f"10.0.0.{n}")) for n in range(throttle.MAILS + 1)]
    assert sent == [1] * throttle.MAILS + [0]


@pytest.mark.parametrize("path", ["/signin/reset/00000000-0000-4000-8000-000000000000/forged/", None])
def test_a_forged_link_opens_nothing(db: None, client: Client, path: str | None) -> None:
    if path:
        assert client.get(path).status_code == 302
    assert client.get("/signin/new-password/").status_code == 410


def test_a_link_is_worthless_after_an_hour_and_after_signing_in(
    somying: User, letters: Any, settings: Any
) -> None:
    [(_to, text)] = letters("somying")
    client = Client()
    client.get(link_in(text))
    assert client.get("/signin/new-password/").status_code == 200
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert client.get("/signin/new-password/").status_code == 410
    settings.PASSWORD_RESET_TIMEOUT = 3600
    Client().post("/signin/", {"username": "somying", "password": OLD})
    assert client.get("/signin/new-password/").status_code == 410


def test_an_easy_password_is_told_at_its_field(somying: User, letters: Any) -> None:
    [(_to, text)] = letters("somying")
    client = Client()
    client.get(link_in(text))
    answer = client.post("/signin/new-password/", {"password1": "12345678", "password2": "12345678"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"password1"}
