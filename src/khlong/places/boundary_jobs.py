"""Official boundaries as jobs: a file is checked row by row, then taken in by a second press, all of it or nothing.

The computing stays in the worker: shapely is not imported by the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from khlong.places import boundaries, geojson
from khlong.places.boundaries import Shape
from khlong.places.geojson import Problem
from khlong.places.models import Source
from khlong.record.errors import Refused
from khlong.record.files import File, open_file, uses_files
from khlong.record.jobs import JobFailed, Step, job, stewards
from khlong.record.models import Job

CHECK, TAKE = "places.boundaries.check", "places.boundaries.take"
MOST_PROBLEMS = 2000
"""So many are kept of a check; a file with more is to be made anew rather than mended."""


@uses_files
def files_of_jobs() -> Iterable[UUID]:
    """Files that a job of boundaries still names."""
    rows = Job.objects.filter(name__in=(CHECK, TAKE)).values_list("arguments", flat=True)
    return {UUID(str(named["file"])) for named in rows if named.get("file")}


@job(CHECK, title=gettext_lazy("Check a file of boundaries"), retries=1, may=stewards)
def check(step: Step, *, file: str, source: str, code: str) -> dict[str, Any]:
    """What is wrong in the file, or what it would change. Nothing is kept."""
    url = reverse("places:boundary_check", args=[step.job.pk])
    shapes, problems = _read(step, file, code)
    if problems:
        return {**_told(problems), "url": url}
    fresh, moved = boundaries.compare(_source(source), shapes)
    counts = {"added": len(fresh), "changed": len(moved), "same": len(shapes) - len(fresh) - len(moved)}
    points = {name: sum(getattr(one, name) for one in shapes) for name in ("exact_points", "points")}
    lines = [gettext("Nothing is wrong in the file. Take it in, then it is on the map.")]
    return {"lines": lines, "problems": [], "counts": counts | points, "url": url}


@job(TAKE, title=gettext_lazy("Take in boundaries"), retries=1, may=stewards)
def take(step: Step, *, file: str, source: str, code: str) -> dict[str, Any]:
    """Check the file once more and keep all of it, or nothing."""
    shapes, problems = _read(step, file, code)
    if problems:
        raise JobFailed(gettext("The file no longer fits. Check it again: nothing was kept."))
    step.check()
    try:
        done = boundaries.import_boundaries(step.actor, _source(source), shapes)
    except Refused as refused:
        raise JobFailed(str(refused.reason)) from refused
    words = gettext("%(added)d boundaries added, %(changed)d changed, %(same)d the same as before.")
    return {"lines": [words % asdict(done)], "url": reverse("places:map")}


def _source(key: str) -> Source:
    source = Source.objects.filter(pk=key).first()
    if source is None:
        raise JobFailed(gettext("The source is gone. Choose another one."))
    try:
        boundaries.fit_source(source)
    except Refused as refused:
        raise JobFailed(str(refused.reason)) from refused
    return source


def _read(step: Step, file: str, code: str) -> tuple[list[Shape], list[Problem]]:
    """The shapes of a file, or all that is wrong with it in the order of its rows."""
    kept = File.objects.filter(pk__in=[file] if file else []).first()
    if kept is None:
        raise JobFailed(gettext("The file is gone. Put it in again."))
    step.check()
    try:
        with open_file(kept) as stream:
            rows, problems = geojson.read(stream.read(), code=code)
    except geojson.Refusal as refusal:
        return [], [refusal.problem]
    except FileNotFoundError as error:
        raise JobFailed(gettext("The file is gone. Put it in again.")) from error
    step.total(2 * len(rows))
    problems += boundaries.unknown_codes(rows)
    shapes, crooked = boundaries.shapes_of(rows, step.advance)
    return shapes, sorted(problems + crooked, key=lambda problem: problem.number)


def _told(problems: list[Problem]) -> dict[str, Any]:
    wrong = len({problem.number for problem in problems})
    words = ngettext("%(n)d row is wrong.", "%(n)d rows are wrong.", wrong) % {"n": wrong}
    if not problems[0].number:
        words = gettext("The file as a whole cannot be taken.")
    lines = [words, gettext("Nothing was kept.")]
    kept = [[one.number, one.name[:120], one.what, one.mend] for one in problems[:MOST_PROBLEMS]]
    return {"lines": lines, "problems": kept, "more": max(0, len(problems) - MOST_PROBLEMS)}
