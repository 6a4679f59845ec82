"""An official, an owner and the audit put together all they can open, and still do not know who made a suggestion."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from khlong.chain.models import Edge, Node
from khlong.deliberation.models import Suggestion
from khlong.deliberation.tests.speak_makers import Talk, make_talk, speak
from khlong.people.models import Subject, User
from khlong.people.policy import Verb, registered
from khlong.places.actions import save_city
from khlong.places.models import City, Source
from khlong.record.models import ActionUse, AuditEntry, Contribution, Job, OutboxFact, SearchEntry

pytestmark = pytest.mark.django_db
SPEAKERS = ("nok", "dao", "fah")


@pytest.fixture
def talk(city: City, source: Source) -> Talk:
    return make_talk(city, source)


@pytest.fixture
def said(cast: Any, talk: Talk) -> dict[str, str]:
    """Three residents with accounts speak in turn; before and after each of them somebody works in her own name."""
    found: dict[str, str] = {}
    for name in SPEAKERS:
        browser = Client()
        browser.force_login(User.objects.create_user(name))
        assert speak(browser, talk, words=f"ข้อของใครสักคน {len(found)}").status_code == 200
        found[name] = Suggestion.objects.get(words=f"ข้อของใครสักคน {len(found)}").by
        work(cast, name)
    return found


def work(cast: Any, words: str) -> None:
    save_city(cast.actors["member"], City.objects.get(slug="phatong"), {"basin_th": f"ลุ่มน้ำ {words}"})


def plain(row: Model) -> str:
    return str({field.name: str(field.value_from_object(row)) for field in row._meta.concrete_fields})


def readable(actor: Any) -> list[Model]:
    return [
        row
        for policy in registered()
        for row in policy.scope(actor, Verb.VIEW, policy.model._default_manager.all())
    ]


def marks_of(name: str) -> set[str]:
    """What would give somebody away: the ids of her account and of her as a person."""
    user = User.objects.get(username=name)
    people = Subject.objects.filter(account=user).values_list("pk", flat=True)
    return {form for pk in (user.pk, *people) for form in (str(pk), pk.hex)}


def test_everybody_spoke_under_a_name_of_her_own(said: dict[str, str]) -> None:
    assert len(set(said.values())) == len(SPEAKERS)
    assert all(re.fullmatch(r".+-\d{4}", name) for name in said.values())


@pytest.mark.parametrize("reader", ["owner", "observer", "member", "anonymous"])
def test_no_row_that_somebody_reads_holds_a_suggestion_and_a_trace_of_who_made_it(
    cast: Any, said: dict[str, str], reader: str
) -> None:
    rows = readable(cast.actors[reader])
    told = [plain(row) for row in rows]
    keys = {form for pk in Suggestion.objects.values_list("pk", flat=True) for form in (str(pk), pk.hex)}
    about = [row for row in told if any(word in row for word in (*said.values(), *keys))]
    assert len(about) >= len(SPEAKERS)
    for name in SPEAKERS:
        for row in about:
            assert not any(mark in row for mark in marks_of(name)), row
            assert f"'{name}'" not in row, row


def test_nothing_that_a_suggestion_left_behind_has_a_moment(said: dict[str, str]) -> None:
    nodes = Node.objects.filter(pk__in=Suggestion.objects.values("pk"))
    assert len(set(nodes.values_list("created_at", flat=True))) == 1
    edges = Edge.objects.filter(down__in=nodes)
    assert edges.count() == len(SPEAKERS)
    assert set(edges.values_list("at", flat=True)) == set(nodes.values_list("created_at", flat=True))
    moments = [field for row in (Suggestion, Contribution) for field in row._meta.concrete_fields]
    assert not [field.name for field in moments if field.get_internal_type() == "DateTimeField"]


def test_numbers_do_not_tell_in_which_order_people_spoke(talk: Talk) -> None:
    for number in range(10):
        assert speak(Client(), talk, words=f"คนที่ {number}").status_code == 200
    spoke = [f"คนที่ {number}" for number in range(10)]
    rows = list(Suggestion.objects.select_related("node"))
    edges = dict(Edge.objects.filter(up=talk.measure.pk).values_list("down", "pk"))
    lines = {row.object_id: str(row.pk) for row in Contribution.objects.all()}
    orders: dict[str, Callable[[Suggestion], Any]] = {
        "reference": lambda row: row.ref,
        "key": lambda row: row.pk,
        "receipt": lambda row: row.receipt,
        "link": lambda row: edges[row.pk],
        "audit": lambda row: lines[str(row.pk)],
    }
    for name, order in orders.items():
        found = [row.words for row in sorted(rows, key=order)]
        assert sorted(found) == sorted(spoke), name
        assert found not in (spoke, spoke[::-1]), name
    assert all(pk < 0 for pk in edges.values()), (
        "a number in a row with those of other links tells the moment"
    )


def test_neither_audit_nor_outbox_nor_jobs_tell_by_a_gap_or_a_row_who_spoke_when(
    cast: Any, said: dict[str, str]
) -> None:
    assert not AuditEntry.objects.filter(action__startswith="deliberation.suggestion").exists()
    assert not AuditEntry.objects.filter(actor__in=said.values()).exists()
    numbers = list(AuditEntry.objects.filter(actor="member").order_by("pk").values_list("pk", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    keys = [str(pk) for pk in Suggestion.objects.values_list("pk", flat=True)]
    assert not OutboxFact.objects.filter(object_id__in=keys).exists()
    jobs = " ".join(plain(row) for row in Job.objects.all())
    assert not any(key in jobs for key in keys)
    counts = " ".join(plain(row) for row in ActionUse.objects.all())
    assert not any(word in counts for word in (*said.values(), *keys))
    found = SearchEntry.objects.filter(node__in=Suggestion.objects.values("pk"))
    assert found.count() == len(SPEAKERS)
    assert not any(name in plain(row) for row in found for name in SPEAKERS)


def addresses(talk: Talk) -> list[str]:
    """Pages, exports and answers of the API on which suggestions, their links and the audit stand."""
    refs = list(Suggestion.objects.values_list("node__ref", flat=True))
    of_each = [f"{begin}{ref}/" for ref in refs for begin in ("/suggestions/", "/trace/", "/links/")]
    of_round = [
        f"/rounds/{talk.ref}/{page}" for page in ("", "said/", "speak/", "answers/", "heard/", "scribe/")
    ]
    house = ["/cities/phatong/changes/", "/account/", "/search/?q=ข้อของใครสักคน", "/changes.atom", "/rounds/"]
    return [*of_each, *of_round, *house]


@pytest.mark.parametrize("reader", ["owner", "observer", "steward"])
def test_no_page_tells_who_bears_the_name(
    client_of: Callable[[str], Client], talk: Talk, said: dict[str, str], reader: str
) -> None:
    browser = client_of(reader)
    opened = 0
    for address in [*addresses(talk), *api_addresses(browser)]:
        response = browser.get(address, follow=True)
        page = response.content.decode() if not response.streaming else ""
        opened += any(pseudonym in page for pseudonym in said.values())
        for name in SPEAKERS:
            assert not re.search(rf"\b{name}\b", page), (address, name)
            assert not any(mark in page for mark in marks_of(name)), (address, name)
    assert opened >= len(SPEAKERS)


def api_addresses(browser: Client) -> list[str]:
    """Every list of the API that can be asked for without knowing a key."""
    paths = browser.get("/api/v1/openapi.json").json()["paths"]
    return [path for path, verbs in paths.items() if "get" in verbs and "{" not in path]


def test_without_an_account_the_session_alone_knows_and_no_row_does(cast: Any, talk: Talk) -> None:
    phone = Client()
    speak(phone, talk)
    person = phone.session["acting_person"]
    made = Suggestion.objects.get()
    rows = [plain(row) for row in readable(cast.actors["owner"]) if not isinstance(row, Subject)]
    assert made.by
    assert not any(person in row or person.replace("-", "") in row for row in rows)
