"""Addresses that leave the house (letters, paper, QR, feeds) lead home, whatever name a request calls us by."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import DisallowedHost
from django.test import Client, RequestFactory

import khlong
from khlong.people.models import User
from khlong.places.models import City
from khlong.ui.address import absolute, only_here, public_address

HOME = "https://khlong.example.org"
INVITE = "/cities/phatong/members/invite/"
POISONED: list[dict[str, Any]] = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "testserver.evil.example"},
    {"HTTP_HOST": "testserver@evil.example"},
    {"HTTP_HOST": "evil.example/testserver"},
]
FORWARDED: list[dict[str, Any]] = [
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_HOST": "evil.example", "REMOTE_ADDR": "127.0.0.1"},
    {"HTTP_FORWARDED": "host=evil.example", "REMOTE_ADDR": "127.0.0.1"},
    {"HTTP_X_FORWARDED_PORT": "666", "HTTP_X_ORIGINAL_HOST": "evil.example"},
]
OTHER_NAMES: list[dict[str, Any]] = [{"HTTP_HOST": "localhost"}, {"HTTP_HOST": "testserver:666"}]
ClientOf = Callable[[str], Client]


@pytest.fixture
def letters(
    settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[..., list[str]]:
    """ask(**headers) asks for a new password; gives what was written."""
    settings.KHLONG = {**settings.KHLONG, "email.host": "mail.example.org", "address": HOME}
    sent: list[str] = []
    monkeypatch.setattr("khlong.people.mail._send", lambda _to, _subject, text: sent.append(text))
    monkeypatch.setattr("threading.Thread.start", lambda thread: thread._target(*thread._args))

    def ask(**more: Any) -> list[str]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            Client().post("/signin/forgotten/", {"person": "somying"}, **more)
        return list(sent)

    return ask


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", "สายน้ำมีชีวิต-2565", email="somying@example.org")


@pytest.mark.parametrize("headers", [{}, *FORWARDED, *OTHER_NAMES])
def test_the_link_in_a_letter_leads_to_the_address_of_the_settings(
    somying: User, letters: Callable[..., list[str]], headers: dict[str, Any]
) -> None:
    [text] = letters(**headers)
    assert re.findall(r"https?://[^/\s]+", text) == [HOME]


@pytest.mark.parametrize("headers", POISONED)
def test_nothing_is_written_for_who_calls_us_by_a_name_of_her_own(
    somying: User, letters: Callable[..., list[str]], headers: dict[str, Any]
) -> None:
    assert letters(**headers) == []


def test_without_an_address_of_ours_no_letter_is_written(
    somying: User, letters: Callable[..., list[str]], settings: Any
) -> None:
    settings.KHLONG = {**settings.KHLONG, "address": ""}
    assert letters(HTTP_HOST="testserver:666") == []


@pytest.mark.parametrize("headers", [{}, *FORWARDED, *OTHER_NAMES])
def test_paper_bears_the_address_of_the_settings(
    cast: Any, city: City, settings: Any, headers: dict[str, Any]
) -> None:
    settings.KHLONG = {**settings.KHLONG, "address": HOME}
    client = Client()
    client.force_login(cast.owner)
    html = client.post(INVITE, {"role": "member", "days": "3"}, **headers).content.decode()
    assert re.findall(r"https?://[^/\s<\"]+(?=/i/)", html) == [HOME]
    assert "on this machine alone" not in html
    assert "evil" not in html
    assert ":666" not in html


@pytest.mark.parametrize("headers", POISONED)
def test_paper_is_not_made_for_who_calls_us_by_a_name_of_her_own(
    cast: Any, city: City, headers: dict[str, Any]
) -> None:
    client = Client()
    client.force_login(cast.owner)
    answer = client.post(INVITE, {"role": "member", "days": "3"}, **headers)
    assert answer.status_code == 400
    assert b"/i/" not in answer.content


@pytest.mark.parametrize("headers", [*FORWARDED, *OTHER_NAMES])
def test_a_feed_names_the_address_of_the_settings_alone(
    city: City, settings: Any, headers: dict[str, Any]
) -> None:
    settings.KHLONG = {**settings.KHLONG, "address": HOME}
    text = Client().get("/feeds/changes.atom?lang=en", **headers).content.decode()
    own = set(re.findall(r'href="(https?://[^/"]+)', text))
    assert own == {HOME}
    assert f'href="{HOME}/feeds/changes.atom?lang=en"' in text


def test_in_a_hall_addresses_are_those_of_the_hall(settings: Any) -> None:
    settings.KHLONG = {**settings.KHLONG, "address": HOME}
    settings.HALL = {**settings.HALL, "address": "http://192.168.4.1:8000/"}
    assert public_address() == "http://192.168.4.1:8000"
    assert absolute(RequestFactory().get("/"), "/i/x/") == "http://192.168.4.1:8000/i/x/"


@pytest.mark.parametrize("headers", POISONED)
def test_without_an_address_only_a_name_of_ours_is_taken(headers: dict[str, Any]) -> None:
    with pytest.raises(DisallowedHost):
        absolute(RequestFactory().get("/", **headers), "/i/x/")


@pytest.mark.parametrize("headers", FORWARDED)
def test_without_an_address_forwarded_names_are_not_believed(headers: dict[str, Any]) -> None:
    assert absolute(RequestFactory().get("/", **headers), "/i/x/") == "http://testserver/i/x/"


@pytest.mark.parametrize(
    ("host", "home", "alone"),
    [
        ("localhost", "", True),
        ("127.0.0.1:8000", "", True),
        ("[::1]:8000", "", True),
        ("testserver", "", False),
        ("localhost", HOME, False),
        ("testserver", "http://127.0.0.1:8000", True),
    ],
)
def test_it_is_told_whether_a_phone_can_follow_an_address(
    settings: Any, host: str, home: str, alone: bool
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]
    settings.KHLONG = {**settings.KHLONG, "address": home}
    assert only_here(RequestFactory().get("/", HTTP_HOST=host)) is alone


def test_no_room_builds_an_address_of_its_own() -> None:
    root = Path(khlong.__path__[0])
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "/tests/" not in str(path) and "build_absolute_uri" in path.read_text(encoding="utf-8")
    }
    # LINE takes only the callback that is registered with it, and its answer comes back to the session that asked.
    assert found == {"ui/address.py", "people/line/views.py"}
