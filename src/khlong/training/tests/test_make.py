"""The training city: complete, the same for the same seed, marked as example, and found by the walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from khlong.adoption.models import Adoption
from khlong.chain.models import Edge, Kind, Node
from khlong.chain.queries import trace
from khlong.deliberation.models import Suggestion
from khlong.network.actions import give_role
from khlong.people.actor import ANONYMOUS, Actor, Role, account_actor, system_actor
from khlong.people.models import User
from khlong.pilots.models import Expense, Value
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.register.models import Household
from khlong.reports.models import FrozenValue
from khlong.strategy.models import Item
from khlong.training.base import NAMES
from khlong.training.drop import COOKIE, STEPS, is_ready
from khlong.training.make import make_city

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("training")
DAY = date(2026, 11, 22)
HERE: dict[str, Any] = {"HTTP_HOST": "localhost"}


@pytest.fixture(scope="module")
def _made(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The city made once for this file, in a transaction around those of the tests."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        make_city(SYSTEM, number=60, day=DAY)
        try:
            yield
        finally:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)


@pytest.fixture
def satit(_made: None, db: None) -> City:
    return City.objects.select_related("node").get(slug="satit")


def test_the_whole_chain_is_there(satit: City) -> None:
    kinds = Counter(satit.node.nodes.values_list("kind", flat=True))
    for kind in (
        *(Kind.STATEMENT, Kind.FINDING, Kind.MEASURE, Kind.INDICATOR, Kind.SUGGESTION, Kind.PROPOSAL),
        *(Kind.PILOT, Kind.VALUE, Kind.ROUND, Kind.EVENT, Kind.MEETING),
    ):
        assert kinds[kind], kind
    assert Household.objects.count() == 60
    assert FrozenValue.objects.exists()


def test_everything_is_marked_as_example(satit: City) -> None:
    assert not satit.node.nodes.filter(is_example=False).exists()
    assert not Household.objects.filter(is_example=False).exists()


def test_no_real_city_rests_on_it(satit: City) -> None:
    assert not Edge.objects.filter(up__is_example=True, down__is_example=False).exists()
    assert not Edge.objects.filter(up__is_example=False, down__is_example=True).exists()


def test_the_number_of_the_pilot_leads_back_to_a_household(satit: City) -> None:
    value = Value.objects.filter(pilot__name_th="เปิดทางน้ำช่วงแรก 120 เมตร").latest("period_to")
    up = trace(value.node, ANONYMOUS, up=True)
    kinds = {step.node.kind for step in up}
    assert {Kind.PILOT, Kind.SUGGESTION, Kind.MEASURE, Kind.FINDING, Kind.STATEMENT} <= kinds


def test_page_twelve_is_cited_as_offices_cite_it(satit: City) -> None:
    cited = Adoption.objects.get(page="12").citation
    assert cited == "ปรากฏในแผนพัฒนาท้องถิ่น (พ.ศ. 2566-2570) เพิ่มเติม ครั้งที่ 2/2569 หน้าที่ 12 ลำดับที่ 3"


def test_the_fishers_suggestion_changed_the_sentence(satit: City) -> None:
    measure = Item.objects.get(node__ref="M-STT-0001")
    newest = measure.passage.revisions.filter(lang="th").latest("number")
    assert "เว้นหน้าท่าเรือ 25 เมตร" in newest.text
    assert "ตลอดแนว" not in newest.text


def test_money_was_approved_by_another_account_than_entered_it(satit: City) -> None:
    approved = Expense.objects.filter(state="approved")
    assert approved.exists()
    assert all(row.entered_by != row.decided_by for row in approved)


def test_some_answers_are_owed_and_some_stretches_are_dry(satit: City) -> None:
    assert Suggestion.objects.filter(answers=None).exclude(voice="support").exists()
    assert Item.objects.filter(node__upstream=None, kind="measure").exists()


def test_a_second_training_city_is_refused(satit: City) -> None:
    with pytest.raises(Refused):
        make_city(SYSTEM, number=60)


# --- the walk -----------------------------------------------------------------------------


def test_every_step_of_the_walk_leads_to_a_page_that_opens(satit: City, client: Client) -> None:
    assert is_ready()
    for number in range(1, len(STEPS) + 1):
        led = client.get(f"/drop/{number}/", **HERE)
        assert led.status_code == 302
        assert client.cookies[COOKIE].value == str(number)
        page = client.get(led["Location"], follow=True, headers={"accept-language": "th"}, **HERE)
        assert page.status_code == 200, STEPS[number - 1].title
        text = page.content.decode()
        assert f"{number} จาก 6" in text
        assert "ข้อมูลตัวอย่าง" in text


def test_the_walk_ends_and_takes_its_bar_along(satit: City, client: Client) -> None:
    client.get("/drop/1/", **HERE)
    assert "จาก 6" in client.get("/", headers={"accept-language": "th"}, **HERE).content.decode()
    client.get("/drop/end/", **HERE)
    assert "จาก 6" not in client.get("/", headers={"accept-language": "th"}, **HERE).content.decode()


def test_one_stands_in_her_shoes_without_a_password(satit: City, client: Client) -> None:
    client.post("/drop/shoes/owner/", {"next": "/drop/"}, **HERE)
    assert client.get("/drop/", **HERE).wsgi_request.user.username == NAMES["owner"]
    client.post("/drop/shoes/resident/", {"next": "/drop/"}, **HERE)
    assert not client.get("/drop/", **HERE).wsgi_request.user.is_authenticated


@pytest.mark.parametrize(
    "asked", [{"HTTP_HOST": "khlong.example"}, {"HTTP_HOST": "localhost", "REMOTE_ADDR": "10.0.0.9"}]
)
def test_nobody_stands_in_her_shoes_from_elsewhere(
    satit: City, client: Client, settings: Any, asked: dict[str, Any]
) -> None:
    settings.ALLOWED_HOSTS = ["khlong.example", "localhost"]
    page = client.post("/drop/shoes/owner/", {"next": "/"}, **asked)
    assert page.status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA"])
def test_nobody_stands_in_her_shoes_through_a_server_that_asks_for_others(
    satit: City, client: Client, header: str
) -> None:
    """A proxy on the same machine may call Khlong by its local name."""
    page = client.post("/drop/shoes/owner/", {"next": "/"}, **{**HERE, header: "203.0.113.9"})
    assert page.status_code == 403
    assert "_auth_user_id" not in client.session
    client.get("/drop/1/", **HERE)
    assert "/drop/shoes/" in client.get("/", **HERE).content.decode()
    assert "/drop/shoes/" not in client.get("/", **{**HERE, header: "203.0.113.9"}).content.decode()


def test_nobody_stands_in_shoes_that_reach_beyond_the_training_city(
    satit: City, other_city: City, client: Client
) -> None:
    user = User.objects.get(username=NAMES["owner"])
    give_role(SYSTEM, other_city.node, user, Role.MEMBER)
    assert client.post("/drop/shoes/owner/", **HERE).status_code == 404
    User.objects.filter(username=NAMES["member"]).update(is_steward=True)
    assert client.post("/drop/shoes/member/", **HERE).status_code == 404
    assert "_auth_user_id" not in client.session
    assert client.post("/drop/shoes/treasurer/", **HERE).status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_after_stepping_in_one_stays_in_this_house(satit: City, client: Client, target: str) -> None:
    led = client.post("/drop/shoes/resident/", {"next": target}, **HERE)
    assert led["Location"] == "/drop/"


def test_nobody_stands_in_the_shoes_of_a_real_account(satit: City, client: Client) -> None:
    assert client.post("/drop/shoes/coordinator/", **HERE).status_code == 404
    user = User.objects.get(username=NAMES["owner"])
    user.set_password("สายคลองตง-2569-ไหล")
    user.save()
    assert client.post("/drop/shoes/owner/", **HERE).status_code == 404


def test_the_accounts_of_the_training_city_reach_no_real_city(satit: City, other_city: City) -> None:
    for name in NAMES.values():
        actor: Actor = account_actor(User.objects.get(username=name))
        assert {grant.space for grant in actor.grants} <= set(
            Node.objects.filter(is_example=True).values_list("pk", flat=True)
        )
