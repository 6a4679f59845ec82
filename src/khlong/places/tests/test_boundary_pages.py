"""Stewards bring in boundaries on a page: a job checks, a second one takes in; nobody else gets there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from khlong.people.actor import account_actor, system_actor
from khlong.places.actions import save_source
from khlong.places.boundary_jobs import CHECK, MOST_PROBLEMS, TAKE, files_of_jobs
from khlong.places.models import Boundary, District, Province, Source, Tambon
from khlong.places.tests.test_boundaries import BESIDE, NAMES, SQUARE, collection, feature
from khlong.record.errors import Refused
from khlong.record.files import File
from khlong.record.jobs import cancel, enqueue, work_off
from khlong.record.models import AuditEntry, Job, JobState

SYSTEM = system_actor("test")
FORM = "/map/boundaries/"


@pytest.fixture(autouse=True)
def ready(source: Source, settings: LazySettings, tmp_path: Any) -> Iterator[None]:
    settings.FILES_DIR = tmp_path / "files"
    save_source(SYSTEM, source, {"licence": "CC BY-IGO"})
    province, _new = Province.objects.get_or_create(code="90", defaults={"name_th": "สงขลา"})
    for code, name in NAMES.items():
        district, _new = District.objects.get_or_create(
            code=code[:4], defaults={"province": province, "name_th": "อำเภอ"}
        )
        Tambon.objects.get_or_create(code=code, defaults={"district": district, "name_th": name})
    with override("en"):
        yield


@pytest.fixture
def steward(client_of: Callable[[str], Client]) -> Client:
    client = client_of("steward")
    client.cookies["khlong_language"] = "en"
    return client


def put(client: Client, data: bytes, name: str = "tambon.geojson", **more: str) -> Any:
    file = SimpleUploadedFile(name, data, content_type="application/geo+json")
    return client.post(FORM, {"file": file, "source": "S10", "code": "", **more})


def checked(client: Client, data: bytes, **more: str) -> Job:
    answer = put(client, data, **more)
    row = Job.objects.get(name=CHECK)
    assert (answer.status_code, answer["Location"]) == (302, reverse("record:job", args=[row.pk]))
    work_off()
    row.refresh_from_db()
    return row


def page_of(row: Job) -> str:
    return reverse("places:boundary_check", args=[row.pk])


def text(answer: Any) -> str:
    plain = re.sub(r"<[^>]+>", "", answer.content.decode())
    return re.sub(r"\s+", " ", plain).replace("&#x27;", "'")


def test_a_good_file_is_checked_and_taken_in_by_a_second_press(steward: Client) -> None:
    row = checked(steward, collection(feature(), feature("901102", BESIDE)))
    assert (row.state, row.done, row.total) == (JobState.DONE, 4, 4)
    assert not Boundary.objects.exists()
    assert page_of(row) in steward.get(reverse("record:job", args=[row.pk])).content.decode()
    found = text(steward.get(page_of(row)))
    assert "2 new, 0 changed, 0 the same" in found
    assert "Take in" in found
    answer = steward.post(page_of(row))
    steward.post(page_of(row))
    work_off()
    taken = Job.objects.get(name=TAKE)
    assert answer["Location"] == reverse("record:job", args=[taken.pk])
    assert set(Boundary.objects.values_list("code", "source")) == {("901118", "S10"), ("901102", "S10")}
    assert AuditEntry.objects.filter(action="places.boundaries.import", actor="steward").count() == 2
    assert "2 boundaries added" in text(steward.get(reverse("record:job", args=[taken.pk])))
    assert "Take in" not in text(steward.get(page_of(row)))


def test_every_wrong_row_is_named_with_its_mend_and_nothing_can_be_taken_in(steward: Client) -> None:
    row = checked(steward, collection(feature("999999"), feature("901118", SQUARE[:-1]), feature("901102")))
    found = text(steward.get(page_of(row)))
    assert "2 rows are wrong" in found
    assert "There is no subdistrict with the code 999999" in found
    assert "Repeat the first point at the end" in found
    assert "Take in" not in found
    assert steward.post(page_of(row)).status_code == 422
    work_off()
    assert not Job.objects.filter(name=TAKE).exists()
    assert not Boundary.objects.exists()


def test_the_report_is_in_the_language_of_whoever_asked(client_of: Any) -> None:
    client = client_of("steward")
    client.cookies["khlong_language"] = "th"
    row = checked(client, collection(feature("901118", SQUARE[:-1])))
    assert row.result is not None
    (problem,) = row.result["problems"]
    assert re.search(r"[ก-๙]", problem[2])
    assert re.search(r"[ก-๙]", problem[3])


def test_a_long_report_is_paged(steward: Client) -> None:
    row = checked(steward, collection(*(feature(str(910000 + n)) for n in range(60))))
    first, last = text(steward.get(page_of(row))), text(steward.get(f"{page_of(row)}?page=3"))
    assert "code 910000" in first
    assert "code 910059" not in first
    assert "code 910059" in last


def test_of_very_many_problems_the_first_are_kept_and_the_rest_counted(
    steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khlong.places.boundary_jobs.MOST_PROBLEMS", 2)
    assert MOST_PROBLEMS > 2
    row = checked(steward, collection(*(feature(str(910000 + n)) for n in range(5))))
    assert "3 more are not shown" in text(steward.get(page_of(row)))


def test_a_file_in_metres_or_of_another_projection_is_said_in_words(steward: Client) -> None:
    crs = {"properties": {"name": "urn:ogc:def:crs:EPSG::32647"}}
    row = checked(steward, collection(feature(), crs=crs))
    found = text(steward.get(page_of(row)))
    assert "The file as a whole cannot be taken" in found
    assert "which is UTM zone 47N, not degrees" in found
    assert "ogr2ogr" in found


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.geojson", "empty"),
        (b"%PDF-1.4\n%%EOF", "a.geojson", "but the file is a PDF"),
        (b'{"type": "Topology"}', "a.geojson", "GeoJSON was expected"),
        (b"<html>", "a.geojson", "Web pages"),
    ],
)
def test_what_is_no_map_data_is_refused_at_the_field_and_the_rest_is_kept(
    steward: Client, data: bytes, name: str, words: str
) -> None:
    answer = put(steward, data, name, code="geocode")
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="geocode"' in answer.content.decode()
    assert not Job.objects.exists()
    assert not File.objects.exists()


def test_a_file_that_is_too_large_is_refused_with_its_bound(steward: Client, settings: Any) -> None:
    settings.FILES_LIMITS = dict.fromkeys(settings.FILES_LIMITS, 1 << 20)
    answer = put(steward, b" " * ((1 << 20) + 10))
    assert answer.status_code == 422
    assert "larger than 1 MB" in text(answer)


def test_a_source_without_a_date_is_refused_at_its_field(steward: Client, source: Source) -> None:
    save_source(SYSTEM, source, {"date": None})
    answer = put(steward, collection(feature()))
    assert (answer.status_code, "The source S10 has no date" in text(answer)) == (422, True)
    assert not Job.objects.exists()


@pytest.mark.parametrize("who", ["anonymous", "observer", "member", "owner", "stranger"])
def test_nobody_but_stewards_gets_there(who: str, client_of: Any, steward: Client, cast: Any) -> None:
    row = checked(steward, collection(feature()))
    client, before = client_of(who), Job.objects.count()
    for answer in (client.get(FORM), put(client, collection(feature())), client.get(page_of(row))):
        assert answer.status_code in (302, 403, 404)
        assert FORM not in answer.get("Location", "") or "signin" in answer.get("Location", "")
    assert client.post(page_of(row)).status_code in (302, 403, 404)
    assert Job.objects.count() == before
    assert FORM not in client.get("/map/").content.decode()
    if who != "anonymous":
        with pytest.raises(Refused):
            enqueue(account_actor(getattr(cast, who)), TAKE, row.arguments)


def test_stewards_find_it_on_the_map(steward: Client) -> None:
    assert FORM in steward.get("/map/").content.decode()


def test_a_check_that_is_cancelled_keeps_nothing_and_says_so(steward: Client, cast: Any) -> None:
    put(steward, collection(feature()))
    row = Job.objects.get(name=CHECK)
    cancel(account_actor(cast.steward), row)
    work_off()
    found = text(steward.get(page_of(row)))
    assert "cancelled" in found
    assert "Take in" not in found


def test_the_file_stays_as_long_as_its_job(steward: Client) -> None:
    checked(steward, collection(feature()))
    assert list(files_of_jobs()) == [File.objects.get().pk]


def test_a_source_that_lost_its_licence_meanwhile_stops_the_taking_in(
    steward: Client, source: Source
) -> None:
    row = checked(steward, collection(feature()))
    save_source(SYSTEM, source, {"licence": ""})
    steward.post(page_of(row))
    work_off()
    taken = Job.objects.get(name=TAKE)
    assert (taken.state, "no licence" in taken.error) == (JobState.FAILED, True)
    assert not Boundary.objects.exists()


def test_pages_carry_no_shapely() -> None:
    tell = "import django; django.setup(); import khlong.web.urls, sys; print('shapely' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    env["DJANGO_SETTINGS_MODULE"] = "khlong.web.settings_test"
    found = subprocess.run([sys.executable, "-c", tell], env=env, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
