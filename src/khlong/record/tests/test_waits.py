"""What waits for somebody: one list from all rooms, one number, nothing of anybody else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from django.utils.html import strip_tags

from khlong.people.actor import ANONYMOUS, Actor, account_actor
from khlong.people.models import User
from khlong.record import kept, waits
from khlong.record.waits import Wait, due_words, grouped, number_waiting, waiting

BANGKOK = ZoneInfo("Asia/Bangkok")
TODAY = date(2026, 11, 22)


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying")


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    """only(provider, …) lets these providers alone have something waiting."""

    def choose(*providers: Any) -> None:
        monkeypatch.setattr(waits, "_providers", [])
        for provider in providers:
            waits.waits(provider)

    return choose


def a_task(title: str = "โทรหาผู้ใหญ่บ้าน", since: date = date(2026, 11, 1), **more: Any) -> Wait:
    return Wait(title, "/somewhere/", since, kind="งาน", city="เมืองพะตง", **more)


@pytest.mark.parametrize(
    ("due", "thai", "english"),
    [
        (date(2026, 11, 19), "เลยกำหนด 3 วัน", "3 days late"),
        (date(2026, 11, 21), "เลยกำหนด 1 วัน", "1 day late"),
        (TODAY, "ถึงกำหนดวันนี้", "due today"),
        (date(2026, 11, 23), "อีก 1 วัน", "in 1 day"),
        (None, "", ""),
    ],
)
def test_a_due_date_is_said_as_it_stands_to_today(due: date | None, thai: str, english: str) -> None:
    with translation.override("th"):
        assert due_words(due, TODAY) == thai
    with translation.override("en"):
        assert due_words(due, TODAY) == english


def test_a_moment_late_in_the_evening_belongs_to_the_day_on_the_clocks_here() -> None:
    utc = datetime(2026, 11, 21, 18, 30, tzinfo=ZoneInfo("UTC"))
    assert Wait("x", "/", utc).day == TODAY
    assert Wait("x", "/", TODAY).day == TODAY


def test_cities_and_kinds_stand_together_and_within_them_the_oldest_first(somying: User, only: Any) -> None:
    def provider(actor: Actor) -> list[Wait]:
        return [
            Wait("ข", "/", date(2026, 5, 2), kind="งาน", city="เมืองพะตง"),
            Wait("ค", "/", date(2026, 5, 3), kind="คำเชิญ", city="เมืองพะตง"),
            Wait("ง", "/", date(2026, 5, 4), kind="งาน", city="เมืองบ่อยาง"),
            Wait("ก", "/", date(2026, 5, 1), kind="งาน", city="เมืองพะตง"),
        ]

    only(provider)
    found = grouped(waiting(account_actor(somying)))
    assert [(city, [(kind, [w.title for w in rows]) for kind, rows in kinds]) for city, kinds in found] == [
        (("เมืองบ่อยาง", False), [("งาน", ["ง"])]),
        (("เมืองพะตง", False), [("คำเชิญ", ["ค"]), ("งาน", ["ก", "ข"])]),
    ]


def test_nothing_waits_for_who_is_not_signed_in(db: None, only: Any) -> None:
    only(lambda actor: [a_task()])
    assert waiting(ANONYMOUS) == []


def test_all_countable_rows_are_counted_in_one_query(
    somying: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    User.objects.create_user("prasert")
    monkeypatch.setattr(waits, "_providers", [])
    waits.waits(count=lambda actor: User.objects.order_by("username"))(lambda actor: [])
    waits.waits(count=lambda actor: User.objects.filter(username="prasert"))(lambda actor: [])
    waits.waits(lambda actor: [a_task()])
    with django_assert_num_queries(1):
        assert number_waiting(account_actor(somying))[0] == 4


def test_what_somebody_may_not_see_at_all_does_not_hide_the_rest(
    somying: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(waits, "_providers", [])
    waits.waits(count=lambda actor: User.objects.all())(lambda actor: [a_task()])
    waits.waits(count=lambda actor: User.objects.none())(lambda actor: [a_task("ไม่มีจริง")])
    with django_assert_num_queries(1):
        assert number_waiting(account_actor(somying))[0] == 1
    assert [wait.title for wait in waiting(account_actor(somying))] == ["โทรหาผู้ใหญ่บ้าน"]


def test_the_count_and_the_number_of_actions_done_are_one_question(
    somying: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(waits, "_providers", [])
    waits.waits(count=lambda actor: User.objects.all())(lambda actor: [])
    request = RequestFactory().get("/")
    request.actor = account_actor(somying)  # type: ignore[attr-defined]
    with django_assert_num_queries(1):
        assert waits.counted(request) == 1
        kept.stamp(request)
    request = RequestFactory().get("/")
    request.actor = ANONYMOUS  # type: ignore[attr-defined]
    with django_assert_num_queries(0):
        assert waits.counted(request) == 0


def page(client: Client, url: str = "/waits/", language: str = "th") -> str:
    client.cookies["khlong_language"] = language
    response = client.get(url)
    assert response.status_code == 200
    return strip_tags(response.content.decode())


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_is_for_those_who_are_signed_in(db: None, client: Client) -> None:
    assert client.get("/waits/")["Location"] == "/signin/?next=/waits/"


def test_an_empty_page_says_so_in_words(somying: User, only: Any) -> None:
    only()
    assert "ไม่มีเรื่องใดรอคุณอยู่" in page(signed_in(somying))
    assert "Nothing waits for you." in page(signed_in(somying), language="en")


def test_the_page_shows_what_waits_with_a_button_and_the_head_shows_how_much(
    somying: User, only: Any
) -> None:
    only(lambda actor: [a_task(due=date(2020, 1, 1), button="ทำ")])
    html = signed_in(somying).get("/waits/").content.decode()
    assert 'href="/somewhere/"' in html
    assert "เลยกำหนด" in html
    assert "รอฉันอยู่ <b>1</b>" in signed_in(somying).get("/").content.decode()


def test_what_waits_in_an_example_is_marked_even_beside_a_real_city_of_the_same_name(
    somying: User, only: Any
) -> None:
    only(lambda actor: [a_task("ของจริง"), a_task("ของตัวอย่าง", is_example=True)])
    shown = " ".join(page(signed_in(somying)).split())
    real, _mark, example = shown.partition("เมืองพะตง ข้อมูลตัวอย่าง")
    assert ("ของจริง" in real, "ของตัวอย่าง" in example) == (True, True)
    assert ("ของตัวอย่าง" in real, "ของจริง" in example) == (False, False)


def test_a_long_list_is_paged(somying: User, only: Any) -> None:
    only(lambda actor: [a_task(f"เรื่องที่ {number:03d}") for number in range(60)])
    first, second = page(signed_in(somying)), page(signed_in(somying), "/waits/?page=2")
    assert ("เรื่องที่ 049" in first, "เรื่องที่ 050" in first) == (True, False)
    assert "เรื่องที่ 050" in second


def test_the_head_of_a_page_shows_no_list_to_who_is_not_signed_in(db: None, client: Client) -> None:
    assert "/waits/" not in client.get("/cities/").content.decode()
