"""Money is entered and decided of at home: a hall refuses it before anything is typed, and offers no button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.people.actor import Actor
from khlong.pilots.models import Expense, Pilot
from khlong.pilots.money import IN_A_HALL, approve_expense, remove_expense, return_expense, save_expense
from khlong.pilots.tests.makers import make_line, make_pilot, spent
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.web.tests.halls import Both

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture
def waiting(city: City, cast: Any) -> Expense:
    """An expense that the owner entered on the city's server."""
    line = make_line(make_pilot(city), baht=1000)
    return save_expense(cast.actors["owner"], Expense(pilot=line.pilot), {"line": line} | spent())


def at_home(row: Any) -> Any:
    return type(row)._base_manager.get(pk=row.pk)


DOINGS: dict[str, Callable[[Actor, Expense], Any]] = {
    "enter": lambda actor, row: save_expense(
        actor, Expense(pilot=row.pilot), {"line": row.line} | spent(receipt_no="99")
    ),
    "approve": approve_expense,
    "return": lambda actor, row: return_expense(actor, row, why="ใบเสร็จไม่ชัด"),
    "remove": remove_expense,
}


@pytest.mark.parametrize("doing", DOINGS)
def test_in_a_hall_nothing_is_done_with_money_and_the_mend_is_named(
    city: City, cast: Any, waiting: Expense, doing: str
) -> None:
    both = Both(city, cast)
    with both.in_the_hall() as member:
        row = at_home(waiting)
        with pytest.raises(Refused) as refused:
            DOINGS[doing](member, row)
        assert str(refused.value) == str(IN_A_HALL)
        assert Expense.objects.count() == 1
        assert at_home(waiting).state == waiting.state


def test_at_home_the_same_is_done(city: City, cast: Any, waiting: Expense) -> None:
    approve_expense(cast.actors["member"], waiting)
    assert at_home(waiting).state == "approved"


def test_the_form_is_refused_before_anything_is_typed(
    city: City, cast: Any, waiting: Expense, client_of: As
) -> None:
    both = Both(city, cast)
    ref = waiting.pilot.ref
    with both.in_the_hall() as member:
        browser = Client()
        browser.force_login(member.account)
        page = browser.get(f"/pilots/{ref}/expenses/add/")
        assert page.status_code == 403
        assert "เครื่องแม่" in page.content.decode()


def test_pages_of_a_hall_show_no_button_for_it(waiting: Expense, client_of: As, settings: Any) -> None:
    ref, browser = Pilot.objects.get().ref, client_of("member")
    money, one = f"/pilots/{ref}/money/", f"/pilots/{ref}/expenses/{waiting.pk}/"
    add, approve = f"/pilots/{ref}/expenses/add/", 'value="approve"'
    assert add in browser.get(money).content.decode()
    assert approve in browser.get(one).content.decode()
    settings.HALL = {**settings.HALL, "address": "http://192.168.1.5:8000/"}
    shown = browser.get(money).content.decode()
    assert add not in shown
    assert "เครื่องแม่" in shown
    assert approve not in browser.get(one).content.decode()
