"""Figures of the house in the form that Prometheus reads. Never public: this machine, or who has the token.

gunicorn's processes keep their counters in one folder (PROMETHEUS_MULTIPROC_DIR, set in `khlong.web.wsgi` before
this is imported), so that any of them can tell all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from khlong.record.backup import generations
from khlong.web import health
from khlong.web.proxies import may_look_inside

REGISTRY = CollectorRegistry()
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS = Counter("khlong_requests", "Requests by route", ["route", "method", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "khlong_request_seconds", "How long requests took", ["route"], buckets=BUCKETS, registry=REGISTRY
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class MetricsMiddleware:
    """Counts every request by the name of its page, never by its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = (match.view_name or "unnamed") if match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, str(response.status_code)).inc()
        SECONDS.labels(route).observe(time.perf_counter() - began)
        return response


class House(Collector):
    """What is asked for when somebody looks: the queue, the outbox, disk, backups."""

    def collect(self) -> Iterator[Metric]:
        for name, check in health.CHECKS.items():
            found = health.asked(check)
            yield _gauge(f"khlong_{name}_ok", f"Whether the check of {name} is fine", float(found["ok"]))
            for key, value in found.items():
                if key != "ok" and isinstance(value, int | float):
                    yield _gauge(f"khlong_{name}_{key}", f"{key} of {name}", float(value))
        if newest := generations.newest():
            yield _gauge("khlong_backup_made_at", "When the newest backup was made", newest.at.timestamp())
            yield _gauge("khlong_backup_bytes", "How large it is", newest.size)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def text() -> bytes:
    """All figures, of all processes."""
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    asked = CollectorRegistry()
    asked.register(House())
    return generate_latest(counted) + generate_latest(asked)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_look_inside(request):
        raise Http404
    return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)
