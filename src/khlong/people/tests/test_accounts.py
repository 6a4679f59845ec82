"""Accounts, and the command that makes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from khlong.__main__ import main
from khlong.people.actions import set_account
from khlong.people.models import User

GOOD = "คลองอู่ตะเภา-2565"
Output = pytest.CaptureFixture[str]


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> Any:
    def give(text: str) -> None:
        monkeypatch.setenv("KHLONG_PASSWORD", text)

    give(GOOD)
    return give


def test_a_name_is_kept_as_typed_and_found_in_any_case(db: None) -> None:
    made = User.objects.create_user("SomYing")
    assert made.username == "SomYing"
    for typed in ("somying", "SOMYING", " SomYing "):
        assert User.objects.by_name_or_email(typed) == made
    assert User.objects.by_name_or_email("somyin") is None


def test_an_address_is_found_in_any_case(db: None) -> None:
    made = User.objects.create_user("somying", email=" SomYing@Example.ORG ")
    assert made.email == "somying@example.org"
    assert User.objects.by_name_or_email("SOMYING@example.org") == made


def test_an_account_without_an_address_is_not_found_by_an_empty_one(db: None) -> None:
    User.objects.create_user("somying")
    assert User.objects.by_name_or_email("") is None
    assert User.objects.by_name_or_email("   ") is None


def test_two_names_that_differ_in_case_only_are_one_name(db: None) -> None:
    User.objects.create_user("somying")
    with pytest.raises(ValidationError):
        User.objects.create_user("SomYing")


def test_an_address_belongs_to_one_account_and_many_have_none(db: None) -> None:
    User.objects.create_user("somying", email="a@example.org")
    User.objects.create_user("somchai")
    User.objects.create_user("prasert")
    with pytest.raises(ValidationError):
        User.objects.create_user("second", email="A@EXAMPLE.org")


@pytest.mark.parametrize("name", ["", "two words", "a@b", "a" * 61, "x/y", "<b>"])
def test_a_name_is_letters_digits_dots_dashes_and_underscores(name: str, db: None) -> None:
    with pytest.raises(ValidationError):
        User.objects.create_user(name)


@pytest.mark.parametrize("name", ["สมหญิง", "som.ying-2_a", "ปราณี๒"])
def test_a_name_may_be_thai(name: str, db: None) -> None:
    assert User.objects.by_name_or_email(User.objects.create_user(name).username) is not None


@given(st.text(max_size=40))
def test_any_text_is_looked_up_in_the_form_in_which_a_name_is_kept(text: str) -> None:
    user = User(username=text)
    user.clean()
    assert user.name_key == User.normalize_username(text).casefold()


def test_an_account_made_without_a_password_lets_nobody_in(db: None) -> None:
    assert not User.objects.create_user("somying").has_usable_password()


def test_the_command_makes_an_account_with_what_it_is_given(db: None, password: Any, capsys: Output) -> None:
    words = ["account", "somying", "--name", "สมหญิง", "--email", "S@Example.org", "--steward"]
    assert main(words) == 0
    user = User.objects.get()
    assert (user.display_name, user.email, user.is_steward, user.is_active) == (
        "สมหญิง",
        "s@example.org",
        True,
        True,
    )
    assert user.check_password(GOOD)
    assert capsys.readouterr().out == "made: somying\n"


def test_the_command_gives_an_existing_account_a_new_password_and_keeps_the_rest(
    db: None, password: Any, capsys: Output
) -> None:
    User.objects.create_user("somying", "old-password-of-2565", display_name="สมหญิง", email="s@example.org")
    assert main(["account", "SOMYING"]) == 0
    user = User.objects.get()
    assert user.check_password(GOOD)
    assert (user.username, user.display_name, user.email, user.is_steward) == (
        "somying",
        "สมหญิง",
        "s@example.org",
        False,
    )
    assert capsys.readouterr().out == "changed: somying\n"


def test_the_command_changes_the_address_of_an_existing_account(db: None, password: Any) -> None:
    User.objects.create_user("somying", email="old@example.org")
    assert main(["account", "somying", "--email", "New@example.org", "--name", "สมหญิง"]) == 0
    assert (User.objects.get().email, User.objects.get().display_name) == ("new@example.org", "สมหญิง")


def test_the_command_refuses_an_address_that_is_somebody_elses_and_keeps_the_password(
    db: None, password: Any, capsys: Output
) -> None:
    User.objects.create_user("somchai", email="a@example.org")
    User.objects.create_user("somying", "old-password-of-2565")
    assert main(["account", "somying", "--email", "a@example.org"]) == 2
    assert capsys.readouterr().err.startswith("khlong: ")
    assert User.objects.get(username="somying").check_password("old-password-of-2565")


def test_the_command_does_not_take_stewardship_away(db: None, password: Any) -> None:
    User.objects.create_user("somying", is_steward=True)
    main(["account", "somying"])
    assert User.objects.get().is_steward


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["somying"], "สั้น"),
        (["somying"], "password123"),
        (["somying2565"], "somying2565"),
        (["two words"], GOOD),
    ],
)
def test_the_command_refuses_a_weak_password_or_a_bad_name_in_one_line(
    db: None, password: Any, capsys: Output, words: list[str], text: str
) -> None:
    password(text)
    assert main(["account", *words]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("khlong: ")
    assert said.err.count("\n") == 1
    assert text not in said.err
    assert not User.objects.exists()


def test_a_password_is_never_an_argument(db: None, password: Any, capsys: Output) -> None:
    for words in (["somying", "secret"], ["somying", "--password", "secret"]):
        with pytest.raises(SystemExit) as caught:
            main(["account", *words])
        assert caught.value.code == 2
    assert not User.objects.exists()


def test_without_a_password_in_the_environment_it_is_asked_for(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    asked: list[str] = []
    monkeypatch.delenv("KHLONG_PASSWORD", raising=False)
    monkeypatch.setattr("khlong.people.commands.getpass.getpass", lambda prompt: asked.append(prompt) or GOOD)  # type: ignore[func-returns-value]
    assert main(["account", "somying"]) == 0
    assert len(asked) == 1
    assert GOOD not in capsys.readouterr().out


def test_an_account_is_found_by_its_address_too(db: None) -> None:
    User.objects.create_user("somying", email="s@example.org")
    user, made = set_account("s@example.org", GOOD)
    assert (user.username, made) == ("somying", False)
