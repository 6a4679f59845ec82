"""An official, an owner and the audit put together all they can open, and still do not know who made a suggestion."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from khlong.chain.models import Edge, Node
from khlong.deliberation.models import Suggestion
from khlong.deliberation.tests.speak_makers import Talk, make_talk, speak
from khlong.people.models import Pseudonym, Subject, User
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


# --- what leaves the house ---------------------------------------------------------------------------


def texts_of(data: bytes) -> str:
    """All that stands in a document of Office, its properties among it; other bytes as they are."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


@pytest.mark.parametrize("reader", ["owner", "observer", "anonymous"])
def test_no_document_of_a_round_tells_who_bears_the_name_or_when_she_spoke(
    client_of: Callable[[str], Client], talk: Talk, said: dict[str, str], reader: str
) -> None:
    """A document says the day of what was said, and the moment in which the document itself was made."""
    today = f"{timezone.now():%Y-%m-%d}"
    response = client_of(reader).get(f"/rounds/{talk.ref}/heard/docx/")
    assert response.status_code == 200
    told = texts_of(response.content)
    assert all(f"ข้อของใครสักคน {number}" in told for number in range(len(SPEAKERS)))
    for name in SPEAKERS:
        assert not re.search(rf"\b{name}\b", told), name
        assert not any(mark in told for mark in marks_of(name)), name
    moments = set(re.findall(rf"{today}T[0-9:.]+", told))
    assert len(moments) <= 1, moments


@pytest.fixture
def ten(talk: Talk) -> list[str]:
    """Ten people speak one after the other, each on a phone of her own."""
    spoken = [f"zq{number}zq" for number in range(10)]
    for words in spoken:
        assert speak(Client(), talk, words=words).status_code == 200
    return spoken


def test_every_list_of_suggestions_stands_in_the_order_of_their_drawn_references(
    client_of: Callable[[str], Client], talk: Talk, ten: list[str]
) -> None:
    """Neither the order of a page nor that of an answer of the API is the one in which people spoke."""
    drawn = list(Suggestion.objects.order_by("node__ref").values_list("node__ref", "words"))
    refs, owner = [ref for ref, _words in drawn], client_of("owner")
    for address in (f"/rounds/{talk.ref}/said/", f"/api/v1/suggestions?round={talk.ref}"):
        told = owner.get(address).content.decode()
        assert sorted(refs, key=told.index) == refs, address
    assert [words for _ref, words in drawn] not in (ten, ten[::-1])


def test_two_words_of_one_person_in_a_city_are_known_as_hers_only_where_she_has_her_name(
    talk: Talk, cast: Any
) -> None:
    """Without a name two suggestions share nothing but the day, the city and what both were said to."""
    browser = Client()
    browser.force_login(User.objects.create_user("pim"))
    for number in range(2):
        assert speak(browser, talk, words=f"ไม่บอกชื่อ {number}", nameless="on").status_code == 200
    first, second = Suggestion.objects.all()
    assert (first.by, second.by) == ("", "")
    lines = Contribution.objects.filter(action="deliberation.suggestion.make")
    assert {(line.actor, line.on_behalf_of) for line in lines} == {("", "")}
    shared = {"round_id", "circle_id", "item_id", "revision_id", "consent_id"}
    for field in Suggestion._meta.concrete_fields:
        one, other = (field.value_from_object(row) for row in (first, second))
        if field.attname not in shared and isinstance(one, str | UUID) and len(str(one)) > 30:
            assert one != other, field.name


def test_what_is_counted_to_bound_her_is_no_way_back_to_her_account(
    cast: Any, talk: Talk, said: dict[str, str]
) -> None:
    """Counts stand under a keyed hash: neither a name nor a digest of one that everybody could make is in them."""
    rows = " ".join(plain(row) for row in ActionUse.objects.all())
    assert rows
    for name in SPEAKERS:
        user = User.objects.get(username=name)
        guesses = (name, str(user.pk), user.pk.hex, f"account {user.pk}")
        for guess in guesses:
            assert guess not in rows
            assert hashlib.sha256(guess.encode()).hexdigest() not in rows
    assert not [policy for policy in registered() if policy.model is ActionUse]


def test_the_names_of_a_city_stand_in_no_order_and_nobody_reads_whose_they_are(
    cast: Any, said: dict[str, str]
) -> None:
    assert not [policy for policy in registered() if policy.model is Pseudonym]
    keys = list(Pseudonym.objects.values_list("pk", flat=True))
    assert all(isinstance(key, UUID) and key.version == 4 for key in keys)
