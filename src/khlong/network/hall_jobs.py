"""Taking a city to a hall and bringing its work home, as jobs: packing, looking at what came, merging."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from khlong.chain.hall import packing
from khlong.chain.hall.files import left_of
from khlong.chain.hall.merging import Done, Unmerged, merge_hall, receive
from khlong.chain.hall.models import Hall, HallFile
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.record.files import File, open_file, uses_files
from khlong.record.jobs import JobFailed, Step, enqueue, job
from khlong.record.models import Job
from khlong.record.queue_models import LIVE

PACK, LOOK, MERGE = "network.hall.pack", "network.hall.look", "network.hall.merge"
MOST_PROBLEMS = 200
"""So many are kept of one merging; when these are mended the next are told."""
PAUSE = 0.4


@uses_files
def files_of_jobs() -> Iterable[UUID]:
    """Files that a job still has to look at, or looked at lately."""
    rows = Job.objects.filter(name=LOOK).values_list("arguments", flat=True)
    return {UUID(str(named["file"])) for named in rows}


# --- packing --------------------------------------------------------------------------------


def ask_pack(actor: Actor, city: City, name: str, once: str) -> Job:
    """Start the packing of a city; the same form sent twice starts it once. Raises Refused."""
    packing.require_may_pack(actor, city.node)
    arguments = {"city": city.slug, "name": name}
    return enqueue(actor, PACK, arguments, key=f"{city.slug} {once}"[:100], space=city.pk)


@job(PACK, title=gettext_lazy("Pack a city for a hall"), retries=1)
def pack(step: Step, *, city: str, name: str) -> dict[str, Any]:
    """Read all files first, then gather the city in one transaction. Cancelled before that, nothing is there."""
    found = _city(city)
    packing.require_may_pack(step.actor, found.node)
    known = packing.read_files(found.node, step)
    with step.once("packed") as first:
        if first:
            packing.gather(step.actor, found.node, name=name, known=known, wait=True)
    hall = Hall.objects.filter(space=found.node, made_by=step.actor.label).exclude(pack=None).first()
    if hall is None:
        raise JobFailed(_("The packed city is not here any more: it waits for 14 days. Pack the city again."))
    lines = [_("The city is packed. Choose a passphrase and take it.")]
    lines += [_stays(one.name, one.words) for one in left_of(hall.left)]
    return {"lines": lines, "url": reverse("network:hall_pack", args=[city, hall.number])}


def _stays(name: str, why: str) -> str:
    return _("The file %(name)s stays here: %(why)s.") % {"name": name, "why": why}


def _city(slug: str) -> City:
    found = City.objects.select_related("node").filter(slug=slug).first()
    if found is None:
        raise JobFailed(_("This city is not there any more."))
    return found


# --- looking at what came -------------------------------------------------------------------


def ask_look(actor: Actor, city: City, file: File) -> Job:
    """Start the looking at what a hall brings home."""
    return enqueue(actor, LOOK, {"city": city.slug, "file": str(file.pk)}, key=str(file.pk), space=city.pk)


@job(LOOK, title=gettext_lazy("Look at what a hall brings home"), retries=1)
def look(step: Step, *, city: str, file: str) -> dict[str, Any]:
    """Open the file, look at the photos and documents in it, and keep them. Nothing is merged."""
    found, kept = _city(city), File.objects.filter(pk=file).first()
    if kept is None:
        raise JobFailed(_("The file is gone. Put it in again."))
    try:
        with open_file(kept) as stream:
            data = stream.read()
    except OSError as error:
        raise JobFailed(_("The file is gone. Put it in again.")) from error
    step.check()
    made = receive(step.actor, data, space=found.node, tell=step)
    lines = [_("It is looked at. See what it changes; nothing is merged yet.")]
    url = reverse("network:hall_file", args=[city, made.pk])
    return {"lines": lines, "url": url}


# --- merging --------------------------------------------------------------------------------


def merging_of(actor: Actor, file: HallFile) -> Job | None:
    """The newest merging of a file that the actor may see."""
    rows = scope(actor, Job.objects.filter(name=MERGE, key__startswith=f"{file.pk} "))
    return rows.order_by("-made_at").first()


def ask_merge(actor: Actor, city: City, file: HallFile, leave: list[str], once: str) -> Job:
    """Start the merging of a file; while it is merged that job comes back."""
    running = merging_of(actor, file)
    if running is not None and running.state in LIVE:
        return running
    arguments = {"city": city.slug, "file": file.pk, "leave": leave}
    return enqueue(actor, MERGE, arguments, key=f"{file.pk} {once}"[:100], space=city.pk)


class _Within:
    """Tells nothing while one transaction goes on, since nobody else could read it; asks whether to go on."""

    def __init__(self, step: Step) -> None:
        self.step, self.asked = step, time.monotonic()

    def total(self, number: int) -> None:
        self.step.check()

    def advance(self, k: int = 1, note: str = "") -> None:
        if time.monotonic() - self.asked >= PAUSE:
            self.asked = time.monotonic()
            self.step.check()


@job(MERGE, title=gettext_lazy("Merge what a hall brings home"), retries=1)
def merge(step: Step, *, city: str, file: int, leave: list[str]) -> dict[str, Any]:
    """Merge all that does not conflict in one transaction, or nothing; what cannot be written is told."""
    rows = scope(step.actor, HallFile.objects.select_related("hall__space"))
    found = rows.filter(pk=file).first()
    if found is None:
        raise JobFailed(_("You may not merge this any more: your role in the city has changed."))
    url = reverse("network:hall_file", args=[city, file])
    step.total(2)
    step.advance(note=_("All of it or nothing is written."))
    step.tell()
    try:
        done = merge_hall(step.actor, found, leave=leave, tell=_Within(step))
    except Unmerged as unmerged:
        problems = [
            {"id": one.row.id, "title": one.row.title, "kind": str(one.row.document.title), "why": one.words}
            for one in unmerged.problems
        ]
        lines = [_("Nothing was merged: some things cannot be written.")]
        return {"lines": lines, "problems": problems[:MOST_PROBLEMS], "url": url}
    return {"lines": words_of(done), "problems": [], "url": url}


def words_of(done: Done) -> list[str]:
    """What a merging did, in words."""
    count = done.new + done.changed + done.gone
    words = ngettext("%(n)s thing came home.", "%(n)s things came home.", count) % {"n": count}
    moved = [
        _("%(theirs)s of the hall is %(ours)s here, because both sides had given the number.")
        % {"theirs": theirs, "ours": ours}
        for theirs, ours in done.renumbered
    ]
    left = [ngettext("%(n)s was left out.", "%(n)s were left out.", done.left) % {"n": done.left}]
    return [words, *moved, *(left if done.left else [])]
