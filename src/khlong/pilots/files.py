"""The files of pilots: which are in use, and who may see them. Receipts are never shown to everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Visibility
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.pilots.models import Expense, HandOver, PilotActivity, Value
from khlong.record.actions import Act, guard
from khlong.record.errors import Refused
from khlong.record.filed import MEMBERS, PUBLIC, File
from khlong.record.files import DOCUMENTS, IMAGES, show_file, uses_files
from khlong.record.sniff import PDF

RECEIPTS = IMAGES | {PDF}
EVIDENCE = IMAGES | DOCUMENTS


@uses_files
def files_of_pilots() -> Iterable[UUID]:
    """All files that some expense, activity, value or hand-over holds now."""
    held = (
        Expense.objects.values_list("receipt", flat=True),
        PilotActivity.objects.values_list("before", flat=True),
        PilotActivity.objects.values_list("after", flat=True),
        Value.objects.values_list("evidence_file", flat=True),
        HandOver.objects.values_list("file", flat=True),
    )
    return [key for rows in held for key in rows if key is not None]


@guard("record.file.show")
def no_receipt_is_shown(act: Act, file: Any) -> None:
    """Whatever page asks for it, a receipt and a hand-over stay with the working group."""
    if Expense.objects.filter(receipt=file).exists() or HandOver.objects.filter(file=file).exists():
        raise Refused(_("This file is a receipt or a hand-over. It is for the working group only."))


def own(actor: Actor, file: File | None, space: UUID | None, field: str) -> None:
    """Refuse a file of another city, or one that the actor may not put to use. Raises ValidationError."""
    if file is None or actor.is_system:
        return
    if file.space_id != space or not can(actor, Verb.CHANGE, file):
        raise ValidationError({field: _("This file does not belong to this city. Put it in again.")})


def own_receipt(actor: Actor, file: File | None, space: UUID | None) -> None:
    """A receipt is a file of the city that nobody else sees. Raises ValidationError."""
    own(actor, file, space, "receipt")
    if file is not None and file.visibility != MEMBERS:
        raise ValidationError(
            {"receipt": _("Everybody sees this file already. Put the receipt in by itself.")}
        )


def show_photos(actor: Actor, files: Iterable[File | None]) -> None:
    """Bring who sees photos in step with their activities: everybody, while a public pilot shows them and who is in
    them agrees.
    """
    for file in {file.pk: file for file in files if file is not None}.values():
        shown = PilotActivity.objects.filter(
            Q(before=file) | Q(after=file), shown_agree=True, pilot__node__visibility=Visibility.PUBLIC
        )
        show_file(actor, file, PUBLIC if shown.exists() else MEMBERS)
