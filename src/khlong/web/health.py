"""Whether Khlong lives, and whether it can do its work."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from khlong.record.backup import generations
from khlong.record.jobs import figures
from khlong.web.proxies import may_look_inside

SILENT = timedelta(seconds=60)
"""A worker that was not heard of for so long does not work."""
LATE = 2
"""A backup is late after so many of its periods."""
Check = Callable[[], dict[str, Any]]
_migrated = False


@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Whether the database answers; for supervisors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


def database() -> dict[str, Any]:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {
        "ok": True,
        "kind": connection.vendor,
        "milliseconds": round((time.perf_counter() - began) * 1000, 1),
    }


def migrations() -> dict[str, Any]:
    """Whether the tables are those of this code; once they are, they stay it while the process lives."""
    global _migrated  # noqa: PLW0603
    if _migrated:
        return {"ok": True, "missing": 0}
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _migrated = not missing
    return {"ok": not missing, "missing": missing}


def worker() -> dict[str, Any]:
    found = figures()
    silent = (timezone.now() - found.last_beat).total_seconds() if found.last_beat else None
    return {
        "ok": silent is not None and silent <= SILENT.total_seconds(),
        "silent_seconds": None if silent is None else round(silent, 1),
        "waiting": found.waiting,
        "failed": found.failed,
        "outbox_waiting": found.outbox_waiting,
        "outbox_given_up": found.outbox_dead,
    }


def disk() -> dict[str, Any]:
    free = shutil.disk_usage(settings.VAR_DIR).free // 1_000_000
    return {"ok": free >= settings.KHLONG["disk_free_mb"], "free_mb": free}


def backup() -> dict[str, Any]:
    """How old the newest backup is; late only where the settings say how often there is one."""
    newest, every = generations.newest(), settings.KHLONG["backup.every"]
    hours = round((timezone.now() - newest.at).total_seconds() / 3600, 1) if newest else None
    late = every is not None and (newest is None or timezone.now() - newest.at > LATE * every)
    return {"ok": not late, "hours": hours, "name": newest.name if newest else None}


CHECKS: dict[str, Check] = {
    "database": database,
    "migrations": migrations,
    "worker": worker,
    "disk": disk,
    "backup": backup,
}


def asked(check: Check) -> dict[str, Any]:
    try:
        return check()
    except (DatabaseError, OSError, ImproperlyConfigured) as error:
        return {"ok": False, "why": str(error)}


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether everything is there that Khlong works with; 503 when not. Details only for those who may look."""
    found = {name: asked(check) for name, check in CHECKS.items()}
    fine = all(one["ok"] for one in found.values())
    told: dict[str, Any] = {"ok": fine}
    if may_look_inside(request):
        told["checks"] = found
    return JsonResponse(told, status=200 if fine else 503)
