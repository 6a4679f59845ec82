"""Measuring every page: queries, processor time against a bare page of the same run, bytes of a first view."""

from __future__ import annotations

import gzip
import logging
import re
import resource
import statistics
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import include, path

from khlong.chain.models import Node
from khlong.network.actions import give_role
from khlong.people.actor import Role, system_actor
from khlong.web import samples, samples_training

MOST_QUERIES = 12
MOST_BYTES = 120_000
MOST_RATIO = 4.0
TRAINING = "C-STT"
ASSET = re.compile(r'<(?:link|script)[^>]+(?:href|src)="/?static/([^"?]+)"[^>]*>')
FONTS = tuple(
    f"ui/vendor/sarabun-{script}-{weight}-normal.woff2"
    for script in ("thai", "latin")
    for weight in (400, 700)
)


def bare(request: HttpRequest) -> HttpResponse:
    """The page that all others are measured against: the frame, and who is signed in."""
    assert request.user.is_authenticated
    return render(request, "ui/base.html")


urlpatterns = [path("bare/", bare), path("", include("khlong.web.urls"))]


@dataclass(frozen=True)
class Measure:
    """One page: its queries, processor milliseconds (median), ratio to the bare page, and bytes of a first view."""

    name: str
    path: str
    status: int
    queries: int
    cpu_ms: float
    ratio: float
    page_bytes: int
    first_view_bytes: int


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def member_client() -> Client:
    """A client signed in as an owner of the sample city and of the programme."""
    user, _made = get_user_model().objects.get_or_create(name_key="bench", defaults={"username": "bench"})
    for node in Node.objects.filter(ref__in=("C-PTG", "R-SCS", TRAINING)):
        give_role(system_actor("bench"), node, user, Role.OWNER)
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user)
    return client


def asset_bytes(html: str) -> int:
    """Compressed bytes of all that a page asks for besides itself, the four font files among them."""
    names = {*ASSET.findall(html), *FONTS}
    return sum(_compressed(name) for name in names)


def _compressed(name: str) -> int:
    found = finders.find(name) or finders.find(re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name))
    if not isinstance(found, str):
        return 0
    with open(found, "rb") as file:  # noqa: PTH123
        data = file.read()
    return len(data) if name.endswith(".woff2") else len(gzip.compress(data, 6))


def _times(client: Client, address: str, rounds: int) -> float:
    spent = []
    for _round in range(rounds):
        start = cpu_seconds()
        client.get(address)
        spent.append(cpu_seconds() - start)
    return statistics.median(spent)


def measure_pages(rounds: int = 30, only: str = "") -> list[Measure]:
    """Measure every page that answers GET, `rounds` warm requests each, signed in as a member."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    with override_settings(ROOT_URLCONF="khlong.web.bench", ALLOWED_HOSTS=["testserver"]):
        client = member_client()
        client.get("/bare/")
        unit = _times(client, "/bare/", rounds)
        return [
            _measure(client, name, address, unit, rounds)
            for name, address in addresses().items()
            if only in name
        ]


def addresses() -> dict[str, str]:
    """The sample city's pages; where there is a training city, only those that grow with it."""
    large = Node.objects.filter(ref=TRAINING).exists()
    return samples_training.pages() if large else samples.pages()


def _measure(client: Client, name: str, address: str, unit: float, rounds: int) -> Measure:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response: Any = client.get(address)
    asked, html = len(queries), _html(response)
    spent = _times(client, address, rounds) if rounds else 0.0
    return Measure(
        name=name,
        path=address,
        status=response.status_code,
        queries=asked,
        cpu_ms=round(spent * 1000, 2),
        ratio=round(spent / unit, 2) if unit else 0.0,
        page_bytes=len(response.content),
        first_view_bytes=len(response.content) + (asset_bytes(html) if response.status_code == 200 else 0),
    )


def _html(response: Any) -> str:
    data = response.content
    return (gzip.decompress(data) if response.headers.get("Content-Encoding") == "gzip" else data).decode(
        "utf-8", "replace"
    )


def over_the_bar(found: list[Measure]) -> list[str]:
    """What breaks a bar, in words."""
    words = []
    for page in found:
        most = samples_training.MORE.get(page.name, MOST_QUERIES)
        if page.queries > most:
            words.append(f"{page.name}: {page.queries} queries, at most {most}")
        if page.first_view_bytes > MOST_BYTES:
            words.append(f"{page.name}: first view {page.first_view_bytes:,} bytes, at most {MOST_BYTES:,}")
        if page.ratio > MOST_RATIO:
            words.append(f"{page.name}: {page.ratio} times a bare page, at most {MOST_RATIO}")
    return words


def plain(found: list[Measure]) -> dict[str, Any]:
    return {
        "database": settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1],
        "pages": [asdict(p) for p in found],
        "over": over_the_bar(found),
    }
