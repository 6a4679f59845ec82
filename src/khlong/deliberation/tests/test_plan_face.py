"""What a reader of a plan is told of its round: until when, where to speak, and what was answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from khlong.chain.actions import link
from khlong.chain.models import EdgeKind, Node
from khlong.deliberation.models import Round
from khlong.deliberation.tests.answer_makers import SYSTEM, Talk, answered, say, talk
from khlong.places.models import City, Source

ClientOf = Callable[[str], Client]


@pytest.fixture
def told(city: City, source: Source) -> Talk:
    return talk(city, source)


def html(client: Client, more: str = "") -> str:
    return str(client.get(f"/cities/phatong/strategy/{more}").content.decode())


def test_the_face_says_until_when_and_the_opened_passage_has_its_own_way_to_speak(
    told: Talk, client: Client
) -> None:
    page = html(client, f"?open={told.bank.ref}")
    assert f"/rounds/{told.round.ref}/speak/" in page
    assert f"/rounds/{told.round.ref}/speak/{told.bank.ref}/" in page
    day = timezone.localdate() + timedelta(days=23)
    client.cookies["khlong_language"] = "en"
    assert str(day.year) in html(client)
    assert "are taken until" in html(client)


@pytest.mark.parametrize(
    "change", [{"days": -60}, {"days": 60}, {"closed": True}], ids=["over", "to come", "ended early"]
)
def test_a_round_that_is_not_open_takes_nothing(told: Talk, client: Client, change: dict[str, Any]) -> None:
    today = timezone.localdate()
    if change.get("closed"):
        Round.objects.update(closed_early_on=today - timedelta(days=1))
    else:
        start = today + timedelta(days=change["days"])
        Round.objects.update(opens_on=start, closes_on=start + timedelta(days=30))
    assert "/speak/" not in html(client, f"?open={told.bank.ref}")


def test_a_round_for_circles_alone_is_named_without_a_button(told: Talk, client: Client) -> None:
    Round.objects.update(open_to_all=False)
    page = html(client, f"?open={told.bank.ref}")
    assert f"/rounds/{told.round.ref}/" in page
    assert "/speak/" not in page


def test_a_hidden_round_is_told_to_those_who_read_it(told: Talk, client_of: ClientOf) -> None:
    Node.objects.filter(pk=told.round.pk).update(visibility="members")
    for name, seen in (("anonymous", False), ("stranger", False), ("observer", True)):
        assert (told.round.ref in html(client_of(name))) is seen, name


def test_the_answer_stands_beside_the_suggestion_and_the_page_keeps_its_bound(
    told: Talk, client_of: ClientOf
) -> None:
    suggestion = say(told)
    link(SYSTEM, told.bank.node, suggestion.node, EdgeKind.LEADS_TO)
    answered(suggestion)
    client = client_of("owner")
    with CaptureQueriesContext(connection) as queries:
        page = html(client, f"?open={told.bank.ref}")
    assert suggestion.ref in page
    assert "การรถไฟ" in page.replace('<span class="nb">', "").replace("</span>", "")
    assert len(queries) <= 12


def test_who_writes_is_led_to_a_round_while_a_version_is_for_review_and_nobody_is_asked(
    told: Talk, client_of: ClientOf
) -> None:
    add = "/cities/phatong/rounds/add/"
    assert add not in html(client_of("owner"))
    today = timezone.localdate()
    Round.objects.update(opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1))
    assert add not in html(client_of("owner"))
    told.plan.versions.update(state="review")
    for name, led in (("anonymous", False), ("observer", False), ("member", True)):
        assert (add in html(client_of(name))) is led, name
