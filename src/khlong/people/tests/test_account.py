"""One's own account: name, address, password, and where one is signed in."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone, translation

from khlong.people import actions, sessions
from khlong.people.models import SessionRecord, User

OLD, NEW = "สายน้ำมีชีวิต-2565", "ธรรมนูญสายคลอง-2566"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
CHANGE = {"old_password": OLD, "password1": NEW, "password2": NEW}


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", OLD)


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user("prasert", OLD, email="prasert@example.org")


def come_in(name: str = "somying", agent: str = PHONE, password: str = OLD) -> Client:
    client = Client(headers={"user-agent": agent})
    assert client.post("/signin/", {"username": name, "password": password}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return bool(auth.get_user(client).is_authenticated)


def key(client: Client) -> str:
    return str(client.session.session_key)


def record_of(client: Client) -> SessionRecord:
    return SessionRecord.objects.get(key_hash=sessions.digest_of(key(client)))


# --- the page -------------------------------------------------------------------------------


def test_the_page_is_for_those_who_are_signed_in(db: None, client: Client) -> None:
    assert client.get("/account/")["Location"] == "/signin/?next=/account/"
    for path in ("/account/password/", "/account/sessions/1/end/", "/account/sessions/end-others/"):
        assert client.post(path)["Location"] == "/signin/?next=/account/"


@pytest.mark.parametrize("path", ["password/", "sessions/1/end/", "sessions/end-others/"])
def test_nothing_is_changed_by_opening_an_address(somying: User, path: str) -> None:
    assert come_in().get(f"/account/{path}").status_code == 405


def test_the_page_is_never_kept_by_a_cache_and_stays_within_its_questions(
    somying: User, django_assert_max_num_queries: Any
) -> None:
    client = come_in()
    with django_assert_max_num_queries(12):
        answer = client.get("/account/")
    assert "no-store" in answer["Cache-Control"]


def test_the_name_at_the_top_leads_to_the_account(somying: User) -> None:
    assert '<a class="name" href="/account/"' in come_in().get("/signin/").content.decode()


# --- name and address -----------------------------------------------------------------------


def test_name_and_address_are_changed(somying: User) -> None:
    client = come_in()
    assert client.post("/account/", {"display_name": " สมหญิง "})["Location"] == "/account/"
    assert client.post("/account/email/", {"email": "SomYing@Example.org"})["Location"] == "/account/"
    somying.refresh_from_db()
    assert (somying.display_name, somying.email) == ("สมหญิง", "somying@example.org")


@pytest.mark.parametrize("email", ["PRASERT@example.org", "no address"])
def test_an_address_that_cannot_be_is_told_at_its_field_and_stays_as_typed(
    somying: User, other: User, email: str
) -> None:
    answer = come_in().post("/account/email/", {"email": email})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"email"}
    assert f'value="{email}"' in answer.content.decode()
    somying.refresh_from_db()
    assert somying.email == ""


def test_an_address_may_be_taken_away_again(somying: User, other: User) -> None:
    come_in("prasert").post("/account/email/", {"email": ""})
    other.refresh_from_db()
    assert other.email == ""


# --- what was sent off before somebody signed in ----------------------------------------------


def sent_before(headers: dict[str, str]) -> Any:
    """The answer to a request with the cookie of a session that is gone."""
    late = Client()
    late.cookies[settings.SESSION_COOKIE_NAME] = "a-session-that-was-replaced-meanwhile"
    return late.get("/account/", headers=headers)


def test_a_script_that_was_on_its_way_does_not_take_away_who_signed_in_meanwhile(db: None) -> None:
    answer = sent_before({"sec-fetch-dest": "empty"})
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-dest": "document"}])
def test_a_page_with_a_session_that_is_gone_lets_go_of_it(db: None, headers: dict[str, str]) -> None:
    assert sent_before(headers).cookies[settings.SESSION_COOKIE_NAME].value == ""


def test_a_script_signs_in_and_holds_a_session_of_its_own_as_ever(somying: User) -> None:
    client = Client(headers={"sec-fetch-dest": "empty"})
    assert client.post("/signin/", {"username": "somying", "password": OLD}).status_code == 302
    assert is_in(client)
    assert client.get("/account/").status_code == 200


# --- password -------------------------------------------------------------------------------


def test_a_new_password_holds_here_and_ends_the_sessions_elsewhere(somying: User) -> None:
    here, elsewhere, unnoted = come_in(), come_in(), Client()
    unnoted.force_login(somying)
    before = key(here)
    assert here.post("/account/password/", CHANGE)["Location"] == "/account/"
    assert (is_in(here), is_in(elsewhere), is_in(unnoted)) == (True, False, False)
    assert key(here) != before
    assert list(SessionRecord.objects.values_list("key_hash", flat=True)) == [sessions.digest_of(key(here))]
    assert Session.objects.count() == 1
    come_in(password=NEW)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"old_password": "ผิด"}, "old_password"),
        ({"old_password": ""}, "old_password"),
        ({"password2": "อื่น"}, "password2"),
        ({"password1": "12345678", "password2": "12345678"}, "password1"),
    ],
)
def test_a_refused_password_is_told_at_its_field_is_not_shown_and_changes_nothing(
    somying: User, more: dict[str, str], field: str
) -> None:
    client, elsewhere = come_in(), come_in()
    answer = client.post("/account/password/", CHANGE | more)
    assert answer.status_code == 422
    assert set(answer.context["password"].errors) == {field}
    for word in (OLD, NEW, "12345678"):
        assert word not in answer.content.decode()
    assert is_in(elsewhere)
    come_in()


def test_the_old_password_is_not_guessed_at_an_open_session(somying: User) -> None:
    client = come_in()
    for _time in range(5):
        client.post("/account/password/", CHANGE | {"old_password": "ผิด"})
    answer = client.post("/account/password/", CHANGE)
    assert [error.code for error in answer.context["password"].errors.as_data()["old_password"]] == [
        "throttled"
    ]
    somying.refresh_from_db()
    assert somying.check_password(OLD)


def test_the_action_itself_refuses_an_easy_password(somying: User) -> None:
    with pytest.raises(ValidationError) as found:
        actions.change_password(somying, "somying1")
    assert set(found.value.message_dict) == {"password1"}


# --- sessions -------------------------------------------------------------------------------


def test_a_session_is_noted_with_a_hash_and_two_words(somying: User) -> None:
    client = come_in()
    row = SessionRecord.objects.values().get()
    assert row["key_hash"] == hashlib.sha256(key(client).encode()).hexdigest()
    assert row["device"] == "android chrome"
    assert key(client) not in str(row)
    html = client.get("/account/").content.decode()
    with translation.override("th"):
        assert record_of(client).device_words in html


def test_ending_a_session_really_ends_it(somying: User) -> None:
    here, elsewhere = come_in(), come_in()
    assert here.post(f"/account/sessions/{record_of(elsewhere).pk}/end/")["Location"] == "/account/"
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert elsewhere.get("/account/").status_code == 302


def test_ending_this_session_leads_to_the_door(somying: User) -> None:
    client = come_in()
    answer = client.post(f"/account/sessions/{record_of(client).pk}/end/")
    assert answer["Location"] == "/signin/"
    assert not is_in(client)
    assert not SessionRecord.objects.exists()


def test_all_others_end_also_those_that_were_never_noted(somying: User, other: User) -> None:
    here, elsewhere, unnoted, theirs = come_in(), come_in(), Client(), come_in("prasert")
    unnoted.force_login(somying)
    here.post("/account/sessions/end-others/")
    assert [is_in(client) for client in (here, elsewhere, unnoted, theirs)] == [True, False, False, True]
    assert SessionRecord.objects.filter(user=somying).count() == 1


def test_nobody_ends_or_sees_the_session_of_somebody_else(somying: User, other: User) -> None:
    mine, theirs = come_in(), come_in("prasert", agent="Mozilla/5.0 (iPhone) FxiOS/1")
    assert mine.post(f"/account/sessions/{record_of(theirs).pk}/end/").status_code == 404
    assert is_in(theirs)
    assert "iPhone" not in mine.get("/account/").content.decode()


def test_signing_out_takes_the_session_from_the_list(somying: User) -> None:
    client = come_in()
    client.post("/signout/")
    assert not SessionRecord.objects.exists()


def test_last_seen_is_written_at_most_once_an_hour(somying: User) -> None:
    client = come_in()
    long_ago = timezone.now() - timedelta(hours=5)
    SessionRecord.objects.update(seen_at=long_ago)
    client.get("/account/")
    assert SessionRecord.objects.get().seen_at == long_ago
    session = client.session
    session[sessions.SEEN] -= sessions.HOUR
    session.save()
    client.get("/account/")
    assert timezone.now() - SessionRecord.objects.get().seen_at < timedelta(minutes=1)


def test_a_session_that_ran_out_is_forgotten_at_the_next_sign_in(somying: User) -> None:
    come_in()
    SessionRecord.objects.update(seen_at=timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 1))
    here = come_in()
    assert SessionRecord.objects.get() == record_of(here)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (PHONE, "android chrome"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1",
            "iphone safari",
        ),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari/537.36 Line/14.0", "android line"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "windows edge"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "linux firefox"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605.1", "mac safari"),
        ("curl/8.5", ""),
        ("", ""),
        ("<script>" * 500, ""),
    ],
)
def test_a_device_is_told_in_two_words(agent: str, device: str) -> None:
    assert sessions.device_of(agent) == device
    words = SessionRecord(device=device).device_words
    assert words
    assert "<" not in words
