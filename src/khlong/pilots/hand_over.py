"""The hand-over file: one ZIP for whoever goes on with a pilot, made by a job with its asker's rights."""

from __future__ import annotations

import logging
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from khlong.paper.text import MissingGlyphsError
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.pilots.models import Expense, HandOver, Pilot, Value
from khlong.pilots.page import with_sums
from khlong.pilots.papers import Papers, letter
from khlong.pilots.queries import works_here
from khlong.record import store
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.filed import MEMBERS, Blob, File
from khlong.record.files import download_name, open_file
from khlong.record.jobs import JobFailed, Step, enqueue, job
from khlong.record.models import Job

log = logging.getLogger(__name__)
MAKE = "pilots.hand_over.make"
KEEP_DAYS = 14
ZIP = "application/zip"
_UNSAFE = re.compile(r"[^\w.()\u0e00-\u0e7f -]+")
Part = tuple[str, Callable[[], BinaryIO]]


def ask(actor: Actor, pilot: Pilot, *, with_receipts: bool) -> Job:
    """Start the job that makes the file. Raises Refused to who does not work in the city."""
    if not works_here(actor, pilot.space_id) or (with_receipts and not can(actor, Verb.CHANGE, pilot)):
        raise Refused(_("The hand-over file is for those who work in this city."))
    arguments = {"ref": pilot.ref, "with_receipts": with_receipts}
    return enqueue(
        actor, MAKE, arguments, key=f"{pilot.ref} {actor.label} {with_receipts}", space=pilot.space_id
    )


@job(MAKE, title=gettext_lazy("Make a hand-over file"), retries=1)
def make(step: Step, *, ref: str, with_receipts: bool) -> dict[str, Any]:
    """Write all parts into one ZIP and keep it for some days. What the asker may not see is not in it."""
    pilot = _pilot(step.actor, ref)
    if not works_here(step.actor, pilot.space_id) or (
        with_receipts and not can(step.actor, Verb.CHANGE, pilot)
    ):
        raise JobFailed(_("You may not make this file any more: your role in the city has changed."))
    lang = get_language() or "th"
    papers = Papers(step.actor, pilot, lang, with_receipts=with_receipts, today=timezone.localdate())
    parts = list(_parts(step.actor, papers))
    step.total(len(parts) + 1)
    with tempfile.TemporaryFile() as out:
        lost = _write(step, out, papers, parts)
        digest = _keep_bytes(out)
        size = out.seek(0, 2)
    step.check()
    with step.once("kept") as first:
        if first:
            keep_hand_over(step.actor, pilot, digest, size, _name_of(pilot), with_receipts=with_receipts)
    lines = [_("The hand-over file is ready.")]
    if lost:
        words = ngettext(
            "%(n)s file was lost and is not in it.", "%(n)s files were lost and are not in it.", lost
        )
        lines.append(words % {"n": lost})
    return {"lines": lines, "url": reverse("pilots:hand_over", args=[ref])}


def _pilot(actor: Actor, ref: str) -> Pilot:
    rows = scope(actor, Pilot.objects.select_related("node__space", "city__node"))
    found = with_sums(rows).filter(node__ref=ref).first()
    if found is None:
        raise JobFailed(_("This pilot is not there any more."))
    return found


# --- what is in it ----------------------------------------------------------------------------------


def _parts(actor: Actor, papers: Papers) -> Iterator[Part]:
    """Names within the ZIP, and how each comes to be."""
    yield from _documents(papers)
    yield from _photos(papers)
    yield from _evidence(actor, papers.pilot)
    if papers.with_receipts:
        yield from _receipts(papers.pilot)


def _documents(papers: Papers) -> Iterator[Part]:
    from khlong.paper.docx import to_docx
    from khlong.paper.pdf import to_pdf
    from khlong.paper.xlsx import to_xlsx

    yield _("plan.docx"), lambda: BytesIO(to_docx(papers.plan()))
    yield _("plan.pdf"), lambda: BytesIO(to_pdf(papers.plan()))
    yield _("money.xlsx"), lambda: BytesIO(to_xlsx(papers.money()))
    yield _("money.pdf"), lambda: BytesIO(to_pdf(papers.money()))


def _photos(papers: Papers) -> Iterator[Part]:
    folder = _("photos")
    for number, row in enumerate(papers.activities(), start=1):
        for when, file in ((_("before"), row.before), (_("after"), row.after)):
            if file is not None:
                yield _named(folder, f"{number:02d} {row.on.isoformat()} {when}", file)


def _evidence(actor: Actor, pilot: Pilot) -> Iterator[Part]:
    """Files of values, for who may have the bytes."""
    rows = scope(actor, Value.objects.filter(pilot=pilot).exclude(evidence_file=None))
    for row in rows.select_related("node", "evidence_file__blob").order_by("node__ref"):
        if row.evidence_file is not None and can(actor, Verb.USE, row.evidence_file):
            yield _named(_("evidence"), row.ref, row.evidence_file)


def _receipts(pilot: Pilot) -> Iterator[Part]:
    rows = Expense.objects.filter(pilot=pilot).exclude(receipt=None).select_related("receipt__blob")
    for number, row in enumerate(rows.order_by("paid_on", "pk"), start=1):
        if row.receipt is not None:
            yield _named(
                _("receipts"), f"{number:03d} {row.paid_on.isoformat()} {row.receipt_no}", row.receipt
            )


def _named(folder: str, name: str, file: File) -> Part:
    ending = download_name(file).rpartition(".")[2]
    return f"{folder}/{_UNSAFE.sub('-', name).strip()[:80]}.{ending}", lambda: open_file(file)


def _write(step: Step, out: BinaryIO, papers: Papers, parts: list[Part]) -> int:
    """All parts, and the letter that names them; how many files the disk has lost."""
    lost, names = 0, []
    with store.in_words(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, opened in parts:
            try:
                with opened() as part:
                    packed.writestr(name, part.read())
                names.append(name)
            except FileNotFoundError:
                lost += 1
            except MissingGlyphsError:
                log.info(
                    "%s has letters that the PDF's font lacks; the other file has them", papers.pilot.ref
                )
            step.advance(note=name)
        packed.writestr(_("READ ME FIRST.txt"), "\ufeff" + letter(papers, names))
    step.advance()
    return lost


# --- keeping it -------------------------------------------------------------------------------------


def _keep_bytes(out: BinaryIO) -> str:
    """Put the ZIP into the folder of files. Raises FileRefused in words when there is no room."""
    store.require_room(out.seek(0, 2))
    digest = store.digest_of(out)
    store.put(digest, store.pieces(out))
    return digest


def _name_of(pilot: Pilot) -> str:
    words = _UNSAFE.sub("-", pilot.name_th).strip()[:60]
    return f"{_('hand-over')} {pilot.ref} {words} {timezone.localdate().isoformat()}.zip"


@action("pilots.hand_over.keep")
def keep_hand_over(
    act: Act, pilot: Pilot, digest: str, size: int, name: str, *, with_receipts: bool
) -> HandOver:
    """Note a file that was made, and let go of those that are older than KEEP_DAYS; their bytes are swept later."""
    row = HandOver(pilot=pilot, with_receipts=with_receipts, by=act.actor.label)
    act.require(Verb.VIEW, row)
    blob, _new = Blob.objects.get_or_create(digest=digest, defaults={"size": size, "media_type": ZIP})
    row.file = File.objects.create(
        blob=blob, name=name[:200], space=pilot.space_id, visibility=MEMBERS, by=act.actor.label
    )
    row.save(force_insert=True)
    act.note(row, fields=["file", "with_receipts"])
    for old in HandOver.objects.filter(pilot=pilot, at__lt=timezone.now() - timedelta(days=KEEP_DAYS)):
        act.note(old, fields=["removed"])
        old.delete()
    return row
