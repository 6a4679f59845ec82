"""Jobs on pages: whose they are, how far they are, what is said aloud, and what can be done with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from khlong.people.actor import account_actor, system_actor
from khlong.record.jobs import enqueue, registry, work_off
from khlong.record.jobs.words import Shown, about
from khlong.record.models import FactState, Job, JobState, OutboxFact

SYSTEM = system_actor("test")
NAME = "test.thing.do"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    monkeypatch.setattr(registry, "_known", {})
    registry.job(NAME, title="Do the thing")(lambda step, **more: more)
    registry.job("test.other.do", title="Do the other", may=registry.stewards, offer="When it is needed.")(
        lambda step: None
    )
    with override("en"):
        yield


@pytest.fixture
def page(client_of: Callable[[str], Client]) -> Callable[..., Any]:
    """page("member", "/jobs/") in English."""

    def get(person: str, address: str, **more: Any) -> Any:
        client = client_of(person)
        client.cookies["khlong_language"] = "en"
        return client.get(address, **more)

    return get


@pytest.fixture
def post(client_of: Callable[[str], Client]) -> Callable[..., Any]:
    def send(person: str, address: str, **data: str) -> Any:
        client = client_of(person)
        client.cookies["khlong_language"] = "en"
        return client.post(address, data)

    return send


@pytest.fixture
def job(cast: Any) -> Job:
    """A job of the member."""
    return enqueue(account_actor(cast.member), NAME)


def address(job: Job, name: str = "record:job") -> str:
    return reverse(name, args=[job.pk])


def change(job: Job, **values: Any) -> Job:
    Job.objects.filter(pk=job.pk).update(**values)
    return Job.objects.get(pk=job.pk)


def running(job: Job, **values: Any) -> Job:
    began = timezone.now() - timedelta(seconds=30)
    return change(job, **{"state": JobState.RUNNING, "started_at": began, "done": 40, "total": 100} | values)


# --- the list --------------------------------------------------------------------------------------


def test_everybody_finds_their_own_jobs_and_stewards_and_owners_may_look_further(
    job: Job, cast: Any, city: Any, page: Any
) -> None:
    ours = enqueue(SYSTEM, NAME, space=city.pk)
    nobodys = enqueue(SYSTEM, NAME)
    seen = {
        ("member", ""): {job},
        ("member", "?whose=all"): {job},
        ("stranger", ""): set(),
        ("owner", ""): set(),
        ("owner", "?whose=all"): {ours},
        ("steward", ""): set(),
        ("steward", "?whose=all"): {job, ours, nobodys},
    }
    for (person, query), expected in seen.items():
        answer = page(person, f"/jobs/{query}")
        assert {shown.job for shown in answer.context["rows"]} == expected, (person, query)


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(job: Job, client: Client) -> None:
    for path in ("/jobs/", address(job), "/jobs/news/"):
        assert client.get(path)["Location"] == f"/signin/?next={path}"


def test_a_list_of_many_jobs_is_paged_and_asks_little(
    cast: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    Job.objects.bulk_create(Job(name=NAME, user=cast.member) for _number in range(60))
    client = client_of("member")
    with django_assert_max_num_queries(12):
        answer = client.get("/jobs/")
    assert len(answer.context["rows"]) == 25
    assert "?page=2" in answer.content.decode()


def test_a_job_that_this_programme_does_not_know_is_listed_by_its_name(job: Job, page: Any) -> None:
    change(job, name="gone.thing.do")
    assert "gone.thing.do" in page("member", "/jobs/").content.decode()


# --- one job ---------------------------------------------------------------------------------------


def test_a_job_is_not_there_for_those_who_may_not_see_it(job: Job, page: Any, post: Any) -> None:
    for person in ("stranger", "owner", "observer"):
        assert page(person, address(job)).status_code == 404
        for name in ("record:cancel_job", "record:retry_job"):
            assert post(person, address(job, name)).status_code == 404
    assert page("member", f"/jobs/{uuid4()}/").status_code == 404
    assert Job.objects.get().cancel_asked_at is None


def test_a_job_that_runs_shows_its_bar_and_is_asked_for_again_by_itself(job: Job, page: Any) -> None:
    running(job, note="Phatong")
    html = page("member", address(job)).content.decode()
    assert 'value="40"' in html
    assert "40 of 100" in html
    assert "about 45 seconds left" in html
    assert "Phatong" in html
    assert "hx-trigger" in html
    assert "<noscript>" in html


def test_a_job_that_has_ended_is_not_asked_for_again(job: Job, page: Any) -> None:
    for state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
        change(job, state=state)
        assert "hx-trigger" not in page("member", address(job)).content.decode()


def test_htmx_gets_only_the_part_that_changes(job: Job, page: Any) -> None:
    running(job)
    part = page("member", address(job), headers=HTMX)
    assert part.content.decode().lstrip().startswith('<div id="job-now"')
    assert "HX-Request" in part["Vary"]
    assert "no-store" in part["Cache-Control"]


def test_a_part_is_not_replaced_by_the_sign_in_page_when_the_session_has_ended(
    job: Job, client: Client
) -> None:
    assert client.get(address(job), headers=HTMX).status_code == 403


def aloud(html: str) -> str:
    """What the answer puts into the place that screen readers read out; nothing when it leaves it alone."""
    found = re.search(r'<p id="job-aloud" hx-swap-oob="innerHTML">(.*?)</p>', html)
    return found[1] if found else ""


def test_only_news_is_said_aloud(job: Job, page: Any) -> None:
    def look(told: str) -> str:
        return aloud(page("member", f"{address(job)}?told={told}", headers=HTMX).content.decode())

    told = Shown(job).told
    assert look(told) == ""
    at_40 = running(job)
    assert look(told) == "40 percent done."
    told = Shown(at_40).told
    running(job, done=49)
    assert look(told) == ""
    running(job, done=50)
    assert look(told) == "50 percent done."
    change(job, state=JobState.DONE)
    assert look(told) == "It is done."


def test_the_place_for_what_is_said_aloud_stands_outside_of_what_is_replaced(job: Job, page: Any) -> None:
    html = page("member", address(job)).content.decode()
    assert html.count('id="job-aloud"') == 1
    assert re.search(r'</div>\s*<p class="vh" role="status" id="job-aloud"></p>', html)


def test_the_result_and_the_way_to_it_are_shown_but_no_way_out_of_the_house(job: Job, page: Any) -> None:
    change(job, state=JobState.DONE, result={"lines": ["12 <letters> sent."], "url": "/cities/"})
    html = page("member", address(job)).content.decode()
    assert "&lt;letters&gt;" in html
    assert "<letters>" not in html
    assert 'href="/cities/"' in html
    for url in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        change(job, result={"url": url})
        assert url not in page("member", address(job)).content.decode()


@pytest.mark.parametrize("result", [None, {}, {"lines": "no list"}, ["a list"], {"lines": None}])
def test_a_result_without_words_is_no_fault(job: Job, page: Any, result: Any) -> None:
    change(job, state=JobState.DONE, result=result)
    assert page("member", address(job)).status_code == 200


# --- cancel, try again, start ----------------------------------------------------------------------


def test_who_asked_for_a_job_may_cancel_it_and_try_again(job: Job, page: Any, post: Any) -> None:
    assert post("member", address(job, "record:cancel_job"))["Location"] == address(job)
    assert Job.objects.get().state == JobState.CANCELLED
    html = page("member", address(job)).content.decode()
    assert "Cancelled before it began." in html
    assert "Try again" in html
    post("member", address(job, "record:retry_job"))
    assert work_off() == [JobState.DONE]


def test_a_job_that_runs_says_that_it_will_stop_and_cannot_be_cancelled_twice(
    job: Job, page: Any, post: Any
) -> None:
    running(job, lease="x", beat_at=timezone.now())
    assert "Cancel the job" in page("member", address(job)).content.decode()
    post("member", address(job, "record:cancel_job"))
    html = page("member", address(job)).content.decode()
    assert "It stops at its next step." in html
    assert "Cancel the job" not in html


def test_a_refused_retry_says_why_on_the_page(job: Job, post: Any) -> None:
    change(job, state=JobState.DONE)
    answer = post("member", address(job, "record:retry_job"))
    assert answer.status_code == 422
    assert "done already" in answer.content.decode()


def test_nothing_is_changed_by_a_link(job: Job, page: Any) -> None:
    for name in ("record:cancel_job", "record:retry_job"):
        assert page("member", address(job, name)).status_code == 405
    assert page("steward", "/jobs/start/").status_code == 405


def test_a_steward_starts_a_job_that_is_offered_and_twice_leads_to_the_same(page: Any, post: Any) -> None:
    assert "When it is needed." in page("steward", "/jobs/").content.decode()
    first = post("steward", "/jobs/start/", name="test.other.do")
    assert first["Location"] == address(Job.objects.get())
    assert post("steward", "/jobs/start/", name="test.other.do")["Location"] == first["Location"]
    assert Job.objects.count() == 1


def test_nobody_else_is_offered_it_or_may_start_it(page: Any, post: Any) -> None:
    assert "When it is needed." not in page("member", "/jobs/").content.decode()
    assert post("member", "/jobs/start/", name="test.other.do").status_code == 403
    assert Job.objects.count() == 0


@pytest.mark.parametrize("name", ["", NAME, "nothing"])
def test_a_job_that_is_not_offered_is_not_started(post: Any, name: str) -> None:
    answer = post("steward", "/jobs/start/", name=name)
    assert answer.status_code == 422
    assert "no such job to start" in answer.content.decode()
    assert Job.objects.count() == 0


def test_jobs_that_run_stand_on_the_account_page(job: Job, page: Any) -> None:
    html = page("member", "/account/").content.decode()
    assert address(job) in html
    assert 'href="/jobs/"' in html
    assert address(job) not in page("stranger", "/account/").content.decode()


# --- facts that were given up ----------------------------------------------------------------------


def test_stewards_see_what_was_given_up_and_deliver_it_again(page: Any, post: Any) -> None:
    dead = OutboxFact.objects.create(
        name="network.meeting.saved", model="network.Meeting", object_id="1", state=FactState.DEAD
    )
    OutboxFact.objects.create(name="x.y.z", model="network.Meeting", object_id="2")
    html = page("steward", "/jobs/news/").content.decode()
    assert "network.meeting.saved" in html
    assert "x.y.z" not in html
    assert "1 on its way" in html
    assert page("owner", "/jobs/news/").status_code == 403
    assert post("owner", f"/jobs/news/{dead.pk}/retry/").status_code == 404
    assert post("steward", f"/jobs/news/{dead.pk}/retry/").status_code == 302
    dead.refresh_from_db()
    assert dead.state == FactState.WAITING


# --- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 5 seconds left"),
        (12, "about 10 seconds left"),
        (58, "about 1 minute left"),
        (200, "about 3 minutes left"),
    ],
)
def test_what_is_left_is_told_without_false_precision(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_a_job_that_has_just_begun_does_not_guess(job: Job) -> None:
    assert Shown(running(job, started_at=timezone.now())).left == ""
    assert Shown(running(job, done=0)).left == ""
    assert Shown(running(job, total=0)).left == ""


def test_who_asked_is_named_even_when_the_account_is_gone(job: Job, cast: Any) -> None:
    assert Shown(job).who == "member"
    assert Shown(enqueue(SYSTEM, NAME)).who == "Khlong by itself"
    assert Shown(Job(name=NAME, actor_kind="account")).who == "an account that is gone"
    assert Shown(Job(name=NAME, actor_kind="link", actor="link 7")).who == "link 7"
