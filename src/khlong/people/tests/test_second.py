"""The second factor: an app set up and used, codes on paper, and proving again who one is."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from django.contrib import auth
from django.test import Client
from django.utils.html import strip_tags

from khlong.people import entering, second, throttle, totp
from khlong.people.models import User
from khlong.people.proofs import Authenticator, RecoveryCode
from khlong.people.sealing import SealBrokenError

PASSWORD, OTHER = "สายน้ำมีชีวิต-2565", "ธรรมนูญสายคลอง-2566"
NOON = 1_800_000_000 - 1_800_000_000 % 30


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", PASSWORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """clock[0] is what the clock of the codes shows, in seconds."""
    now = [NOON]
    monkeypatch.setattr("time.time", lambda: float(now[0]))
    return now


def come_in(password: str = PASSWORD, then: str = "") -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/signin/", {"username": "somying", "password": password, "next": then})


def is_in(client: Client) -> bool:
    return bool(auth.get_user(client).is_authenticated)


def code_at(user: User, seconds: int) -> str:
    return pyotp.TOTP(second.secret_of(Authenticator.objects.get(user=user))).at(seconds)


def set_up(user: User, clock: list[int]) -> list[str]:
    """Turn the second factor on, a minute ago; gives the codes on the paper."""
    second.begin(user)
    codes = second.confirm(user, code_at(user, clock[0]))
    assert codes is not None
    clock[0] += 60
    return codes


# --- setting it up --------------------------------------------------------------------------


def test_it_counts_only_when_a_code_has_confirmed_it(somying: User, clock: list[int]) -> None:
    client, _answer = come_in()
    client.post("/account/second/begin/")
    text = client.get("/account/second/").content.decode()
    app = Authenticator.objects.get()
    assert "<svg" in text
    assert totp.grouped(second.secret_of(app)) in text
    assert not second.is_on(somying)
    assert come_in()[1]["Location"] == "/"
    wrong = client.post("/account/second/on/", {"code": "000000"})
    assert wrong.status_code == 422
    assert set(wrong.context["code"].errors) == {"code"}
    assert not second.is_on(somying)
    shown = client.post("/account/second/on/", {"code": code_at(somying, clock[0])})
    assert shown.status_code == 200
    assert len(shown.context["codes"]) == 10
    assert second.is_on(somying)


def test_the_secret_is_not_in_the_database_and_opens_for_its_own_account_alone(
    somying: User, clock: list[int]
) -> None:
    app = second.begin(somying)
    secret = second.secret_of(app)
    assert secret.encode() not in bytes(app.secret)
    other = User.objects.create_user("prasert", PASSWORD)
    stolen = Authenticator(user=other, secret=app.secret)
    with pytest.raises(SealBrokenError):
        second.secret_of(stolen)


def test_the_codes_on_paper_are_shown_once_and_kept_as_marks(somying: User, clock: list[int]) -> None:
    codes = set_up(somying, clock)
    kept = str(list(RecoveryCode.objects.values()))
    assert len(set(codes)) == 10
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    client = signed_in(somying, clock)
    assert not any(code in client.get("/account/second/").content.decode() for code in codes)


def test_a_secret_that_counts_is_not_replaced_by_beginning_again(somying: User, clock: list[int]) -> None:
    set_up(somying, clock)
    before = second.secret_of(Authenticator.objects.get())
    second.begin(somying)
    assert second.secret_of(Authenticator.objects.get()) == before
    assert second.confirm(somying, code_at(somying, clock[0])) is None


# --- signing in with it ---------------------------------------------------------------------


def signed_in(user: User, clock: list[int]) -> Client:
    client, _answer = come_in()
    client.post("/signin/code/", {"code": code_at(user, clock[0])})
    assert is_in(client)
    clock[0] += 60
    return client


def test_after_the_password_a_code_is_asked_for_and_leads_where_one_wanted_to_go(
    somying: User, clock: list[int]
) -> None:
    set_up(somying, clock)
    client, answer = come_in(then="/account/")
    assert answer["Location"] == "/signin/code/"
    assert not is_in(client)
    assert client.get("/account/")["Location"].startswith("/signin/")
    done = client.post("/signin/code/", {"code": code_at(somying, clock[0])})
    assert done["Location"] == "/account/"
    assert is_in(client)
    assert client.session[entering.STRONG] is True


def test_nobody_is_led_to_another_host_after_the_code(somying: User, clock: list[int]) -> None:
    set_up(somying, clock)
    client, _answer = come_in(then="https://evil.example/")
    assert client.post("/signin/code/", {"code": code_at(somying, clock[0])})["Location"] == "/"


@pytest.mark.parametrize(("late", "holds"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_the_clock_of_the_phone_may_differ_by_half_a_minute(
    somying: User, clock: list[int], late: int, holds: bool
) -> None:
    set_up(somying, clock)
    clock[0] += 300
    assert second.accept(somying, code_at(somying, clock[0] + late)) is holds


def test_a_code_that_was_used_is_refused_and_so_are_all_before_it(somying: User, clock: list[int]) -> None:
    set_up(somying, clock)
    code, before = code_at(somying, clock[0]), code_at(somying, clock[0] - 30)
    assert second.accept(somying, code)
    assert not second.accept(somying, code)
    assert not second.accept(somying, before)
    assert second.accept(somying, code_at(somying, clock[0] + 30))


def test_thai_digits_and_spaces_are_a_code_too(somying: User, clock: list[int]) -> None:
    set_up(somying, clock)
    thai = code_at(somying, clock[0]).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert second.accept(somying, f" {thai[:3]} {thai[3:]} ")


def test_a_code_on_paper_lets_in_once_and_says_how_many_are_left(somying: User, clock: list[int]) -> None:
    codes = set_up(somying, clock)
    client, _answer = come_in()
    client.cookies["khlong_language"] = "en"
    text = client.post("/signin/code/", {"code": codes[3]}, follow=True).content.decode()
    assert is_in(client)
    assert "Codes left: 9" in strip_tags(text)
    late, _answer = come_in()
    assert late.post("/signin/code/", {"code": codes[3]}).status_code == 422
    assert not is_in(late)


def test_the_code_on_somebody_elses_paper_lets_nobody_in(somying: User, clock: list[int]) -> None:
    set_up(somying, clock)
    other = User.objects.create_user("prasert", PASSWORD)
    theirs = set_up(other, clock)
    assert not second.accept(somying, theirs[0])


def test_wrong_codes_are_counted_for_the_account_from_wherever_they_come(
    somying: User, clock: list[int]
) -> None:
    set_up(somying, clock)
    for number in range(throttle.CODES):
        client, _answer = come_in()
        answer = client.post("/signin/code/", {"code": "123"}, REMOTE_ADDR=f"10.0.0.{number}")
        assert answer.status_code == 422
    client, _answer = come_in()
    answer = client.post("/signin/code/", {"code": code_at(somying, clock[0])}, REMOTE_ADDR="10.0.0.99")
    assert "15" in str(answer.context["form"].errors["code"])
    assert not is_in(client)


def test_the_step_between_does_not_wait_for_ever_nor_outlive_a_new_password(
    somying: User, clock: list[int]
) -> None:
    set_up(somying, clock)
    client, _answer = come_in()
    clock[0] += entering.PENDING_SECONDS + 1
    answer = client.post("/signin/code/", {"code": code_at(somying, clock[0])})
    assert answer["Location"] == "/signin/"
    client, _answer = come_in()
    somying.set_password(OTHER)
    somying.save()
    answer = client.post("/signin/code/", {"code": code_at(somying, clock[0])})
    assert answer["Location"] == "/signin/"
    assert not is_in(client)


def test_nobody_comes_to_the_code_without_a_password(db: None, client: Client) -> None:
    assert client.get("/signin/code/")["Location"] == "/signin/"


# --- changing it ----------------------------------------------------------------------------

GUARDED = ("/account/second/", "/account/email/")


@pytest.mark.parametrize("path", GUARDED)
def test_a_proof_that_is_old_is_asked_for_again(somying: User, clock: list[int], path: str) -> None:
    client, _answer = come_in()
    assert client.get(path).status_code == 200
    clock[0] += entering.FRESH_SECONDS + 1
    answer = client.get(path)
    assert answer["Location"] == f"/account/confirm/?next={path.replace('/', '%2F')}"
    wrong = client.post("/account/confirm/", {"password": OTHER, "next": path})
    assert wrong.status_code == 422
    assert OTHER not in wrong.content.decode()
    assert client.post("/account/confirm/", {"password": PASSWORD, "next": path})["Location"] == path
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["begin/", "on/", "codes/", "off/"])
def test_nothing_is_changed_without_a_fresh_proof(somying: User, clock: list[int], path: str) -> None:
    set_up(somying, clock)
    client = signed_in(somying, clock)
    before = set(RecoveryCode.objects.values_list("mark"))
    clock[0] += entering.FRESH_SECONDS + 1
    answer = client.post(f"/account/second/{path}", {"password": PASSWORD, "code": "1"})
    assert answer["Location"].startswith("/account/confirm/")
    assert second.is_on(somying)
    assert set(RecoveryCode.objects.values_list("mark")) == before


def test_it_is_turned_off_with_the_password(somying: User, clock: list[int]) -> None:
    set_up(somying, clock)
    client = signed_in(somying, clock)
    assert client.post("/account/second/off/", {"password": OTHER}).status_code == 422
    assert second.is_on(somying)
    assert client.post("/account/second/off/", {"password": PASSWORD})["Location"] == "/account/"
    assert not second.is_on(somying)
    assert not RecoveryCode.objects.exists()
    assert come_in()[1]["Location"] == "/"


def test_new_codes_make_the_old_paper_worthless(somying: User, clock: list[int]) -> None:
    old = set_up(somying, clock)
    client = signed_in(somying, clock)
    new = client.post("/account/second/codes/").context["codes"]
    assert not second.accept(somying, old[0])
    assert second.accept(somying, new[0])


# --- having to ------------------------------------------------------------------------------


def test_whoever_must_have_one_goes_nowhere_before(somying: User, clock: list[int], settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    User.objects.filter(pk=somying.pk).update(is_steward=True)
    client, _answer = come_in()
    for path in ("/", "/account/", "/cities/"):
        assert client.get(path)["Location"] == "/account/second/"
    client.post("/account/second/begin/")
    client.post("/account/second/on/", {"code": code_at(somying, clock[0])})
    assert client.get("/account/").status_code == 200
    assert client.post("/signout/")["Location"] == "/"


def test_whoever_can_do_little_need_not_have_one(somying: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client, _answer = come_in()
    assert client.get("/account/").status_code == 200
