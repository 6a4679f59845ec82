"""What no room uses is taken away after a time of grace, and what the disk holds is compared with the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.people.actor import system_actor
from khlong.people.policy import Verb
from khlong.record import store
from khlong.record.actions import Act, action
from khlong.record.filed import Blob, File, Rendition
from khlong.record.files import used_files
from khlong.record.jobs import Step, every, job, stewards

GRACE = timedelta(days=7)
"""How long an upload may lie about in a form that somebody has not finished."""
FRESH = 3600.0
"""Bytes younger than an hour are left alone: their row may not be written yet."""
AT_ONCE = 200


@dataclass
class Swept:
    """What a sweep took away: files, and how many bytes of the disk."""

    files: int = 0
    blobs: int = 0
    size: int = 0


def sweep(grace: timedelta = GRACE, fresh: float = FRESH) -> Swept:
    """Take away files that nobody uses and that are older than `grace`, then all bytes without a row."""
    done = Swept()
    actor = system_actor("files.sweep")
    old = list(File.objects.filter(at__lt=timezone.now() - grace).values_list("pk", flat=True))
    for start in range(0, len(old), AT_ONCE):
        done.files += sweep_files(actor, old[start : start + AT_ONCE])
    _sweep_blobs()
    _sweep_bytes(done, fresh)
    return done


@action("record.file.sweep")
def sweep_files(act: Act, keys: Iterable[UUID]) -> int:
    """Forget those of these files that no room uses; how many."""
    act.require(Verb.MANAGE, File())
    used = used_files()
    gone = [file for file in File.objects.filter(pk__in=list(keys)) if file.pk not in used]
    for file in gone:
        act.note(file, fields=["blob"])
    if not gone:
        act.nothing()
    File.objects.filter(pk__in=[file.pk for file in gone]).delete()
    return len(gone)


def _sweep_blobs() -> None:
    """Forget bytes to which neither a file nor a picture made of one points; the made ones go with theirs."""
    with transaction.atomic():
        Blob.objects.filter(files=None).exclude(pk__in=Rendition.objects.values("blob")).delete()
        pictures = Rendition.objects.values("blob")
        Blob.objects.filter(files=None, renditions=None).exclude(pk__in=pictures).delete()


def _sweep_bytes(done: Swept, fresh: float) -> None:
    known = set(Blob.objects.values_list("digest", flat=True))
    for path in store.standing():
        if path.name in known:
            continue
        size = path.stat().st_size
        if not Blob.objects.filter(pk=path.name).exists() and store.take_away(path, fresh):
            done.blobs += 1
            done.size += size


@dataclass
class Compared:
    """What a check found: digests that are missing or damaged, paths that no row knows, and what is in order."""

    whole: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.missing and not self.damaged


def compare() -> Compared:
    """Read every byte in the folder and compare it with its name and with the record."""
    done = Compared()
    known = set(Blob.objects.values_list("digest", flat=True))
    for path in store.standing():
        if path.name not in known:
            done.stray.append(str(path.relative_to(store.folder())))
        elif store.is_whole(path):
            done.whole += 1
        else:
            done.damaged.append(path.name)
        known.discard(path.name)
    done.missing = sorted(known)
    return done


@job("record.files.sweep", title=_("Take away files that nothing uses"), may=stewards)
def sweep_by_itself(step: Step) -> dict[str, Any]:
    """The sweep with its usual grace, once a day."""
    done = sweep()
    return {"files": done.files, "blobs": done.blobs, "size": done.size}


every("record.files.sweep", timedelta(days=1))
