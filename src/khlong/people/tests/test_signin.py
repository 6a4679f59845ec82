"""Signing in and out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from khlong.people import throttle
from khlong.people.backends import NameOrEmailBackend
from khlong.people.models import Attempt, User

RIGHT = "สายน้ำมีชีวิต-2565"
WRONG = {"username": "SomYing", "password": "ผิดแน่นอน"}


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", RIGHT, email="somying@example.org")


def try_in(client: Client, **data: str) -> Any:
    return client.post("/signin/", {"username": "somying", "password": RIGHT} | data)


def signed_in(client: Client) -> bool:
    return bool(auth.get_user(client).is_authenticated)


@pytest.mark.parametrize(
    "typed", ["somying", "SomYing", "  SOMYING ", "somying@example.org", "SomYing@Example.ORG"]
)
def test_a_user_name_or_an_address_in_any_case_signs_in(somying: User, client: Client, typed: str) -> None:
    response = try_in(client, username=typed)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client)


def test_blanks_belong_to_a_password(db: None, client: Client) -> None:
    User.objects.create_user("spaces", " with blanks ")
    assert try_in(client, username="spaces", password="with blanks").status_code == 422
    assert try_in(client, username="spaces", password=" with blanks ").status_code == 302


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_wrong_password_keeps_the_typed_name_and_not_the_password(
    somying: User, client: Client, lang: str
) -> None:
    client.cookies["khlong_language"] = lang
    page = client.post("/signin/", WRONG)
    assert page.status_code == 422
    html = page.content.decode()
    assert 'value="SomYing"' in html
    assert WRONG["password"] not in html
    assert not signed_in(client)


def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words(
    somying: User, client: Client
) -> None:
    wrong = client.post("/signin/", WRONG).context["form"].non_field_errors()
    unknown = client.post("/signin/", WRONG | {"username": "nobody"}).context["form"].non_field_errors()
    assert wrong == unknown
    assert len(wrong) == 1


def test_an_unknown_name_takes_the_work_of_a_password_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda self, text: hashed.append(text))
    assert NameOrEmailBackend().authenticate(None, username="nobody", password="x") is None
    assert hashed == ["x"]


@pytest.mark.parametrize("missing", ["username", "password"])
def test_an_empty_field_is_said_at_the_field_and_counts_as_no_attempt(
    somying: User, client: Client, missing: str
) -> None:
    page = try_in(client, **{missing: ""})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {missing}
    assert not Attempt.objects.exists()


def bare(text: str) -> str:
    """Text without what only guides its line breaks."""
    return re.sub(r"<[^>]*>|[\s\u00a0\u200b\u2060]", "", text)


def codes(page: Any) -> list[str]:
    return [error.code for error in page.context["form"].non_field_errors().as_data()]


def test_after_five_wrong_passwords_even_the_right_one_must_wait_and_is_told_so(
    somying: User, client: Client
) -> None:
    assert [codes(client.post("/signin/", WRONG)) for _time in range(5)] == [["wrong"]] * 5
    page = try_in(client)
    assert page.status_code == 422
    assert codes(page) == ["throttled"]
    with translation.override("th"):
        assert bare(_("Too many wrong passwords from here. Wait 15 minutes and try again.")) in bare(
            page.content.decode()
        )
    assert not signed_in(client)


def test_after_a_quarter_of_an_hour_the_right_password_is_taken_again(somying: User, client: Client) -> None:
    for _time in range(5):
        client.post("/signin/", WRONG)
    Attempt.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert try_in(client).status_code == 302


def test_another_name_and_another_place_do_not_have_to_wait(somying: User, client: Client) -> None:
    User.objects.create_user("somchai", RIGHT)
    for _time in range(5):
        client.post("/signin/", WRONG)
    assert try_in(Client(), username="somchai").status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.0.0.7")
    assert try_in(elsewhere).status_code == 302


def test_the_right_password_forgets_the_wrong_ones_of_the_account(somying: User, client: Client) -> None:
    for _time in range(4):
        client.post("/signin/", WRONG)
    assert try_in(client).status_code == 302
    assert [codes(Client().post("/signin/", WRONG)) for _time in range(4)] == [["wrong"]] * 4


def test_one_place_that_tries_many_names_must_wait_too(somying: User) -> None:
    for number in range(throttle.PER_ADDRESS):
        throttle.note_failure(f"name{number}", "10.0.0.9")
    assert throttle.too_many("somying", "10.0.0.9")
    assert not throttle.too_many("somying", "10.0.0.8")


def test_attempts_hold_no_name_and_no_address_and_are_forgotten(somying: User, client: Client) -> None:
    client.post("/signin/", WRONG)
    keys = "".join(Attempt.objects.values_list("key", flat=True))
    assert "somying" not in keys.casefold()
    assert "127.0.0.1" not in keys
    Attempt.objects.update(at=timezone.now() - timedelta(hours=1))
    throttle.note_failure("other", "10.0.0.9")
    assert Attempt.objects.count() == 2


def test_a_closed_account_is_told_no_more_than_a_wrong_password(somying: User, client: Client) -> None:
    somying.is_active = False
    somying.save()
    assert codes(try_in(client)) == ["wrong"]
    assert not signed_in(client)


def test_closing_an_account_ends_its_sessions(somying: User, client: Client) -> None:
    try_in(client)
    User.objects.update(is_active=False)
    assert not signed_in(client)


def test_a_new_password_ends_the_sessions_of_the_old_one(somying: User, client: Client) -> None:
    try_in(client)
    somying.set_password("ธรรมนูญสายคลอง-2566")
    somying.save()
    assert not signed_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil",
        "\t//evil.example",
        "",
    ],
)
def test_signing_in_leads_to_no_other_host(somying: User, client: Client, target: str) -> None:
    assert try_in(client, next=target)["Location"] == "/"
    page = Client().get("/signin/", {"next": target})
    assert page.context["next"] == "/"


def test_signing_in_leads_back_to_the_page_one_came_from(somying: User, client: Client) -> None:
    assert client.get("/signin/?next=/cities/phatong/edit/").context["next"] == "/cities/phatong/edit/"
    assert try_in(client, next="/cities/phatong/edit/?page=2")["Location"] == "/cities/phatong/edit/?page=2"


def test_a_wrong_password_keeps_the_way_back(somying: User, client: Client) -> None:
    page = client.post("/signin/", WRONG | {"next": "/cities/"})
    assert 'value="/cities/"' in page.content.decode()


def test_the_key_of_a_session_changes_at_sign_in(somying: User, client: Client) -> None:
    session = client.session
    session["before"] = "kept"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    try_in(client)
    assert client.session.session_key != session.session_key
    assert client.session["before"] == "kept"


def test_signing_out_is_done_by_post_only(somying: User, client: Client) -> None:
    client.force_login(somying)
    assert client.get("/signout/").status_code == 405
    assert signed_in(client)
    response = client.post("/signout/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert not signed_in(client)


def test_signing_in_and_out_ask_for_the_forms_token(somying: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert try_in(strict).status_code == 403
    assert strict.post("/signout/").status_code == 403


def test_the_page_is_never_kept_by_a_cache(somying: User, client: Client) -> None:
    assert "no-store" in client.get("/signin/")["Cache-Control"]


def test_a_phone_does_not_write_a_user_name_with_a_capital_letter(db: None, client: Client) -> None:
    html = client.get("/signin/").content.decode()
    assert 'autocapitalize="none"' in html
    assert 'autocomplete="username"' in html
    assert 'autocomplete="current-password"' in html


def test_another_way_to_write_a_name_is_no_way_around_the_wait(somying: User, client: Client) -> None:
    for name in ("somying", "ｓomying", "soｍying", "SOMYINｇ", "sｏmying"):
        assert codes(client.post("/signin/", WRONG | {"username": name})) == ["wrong"]
    assert codes(client.post("/signin/", WRONG | {"username": "somyｉng"})) == ["throttled"]
