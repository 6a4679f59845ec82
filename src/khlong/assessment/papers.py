"""Documents and photos that a finding rests on, and how they come in with a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import PAPER_WORDS, Finding, FindingFile
from khlong.chain.models import Node
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record.filed import File
from khlong.record.files import DOCUMENTS, IMAGES, uses_files

MOST = 12
LONGEST = 300
KINDS = IMAGES | DOCUMENTS


@uses_files
def files_of_findings() -> QuerySet[Any, UUID]:
    """All files that some finding rests on."""
    found: QuerySet[Any, UUID] = FindingFile.objects.values_list("file_id", flat=True)
    return found


def words_of(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(row.get(name, "")).strip()[:LONGEST] for name in PAPER_WORDS}


def own_files(actor: Actor, space: Node | None, names: Iterable[str]) -> dict[str, File]:
    """The files among these that belong to the space and that the actor may put to use."""
    rows = scope(actor, File.objects.select_related("blob"), Verb.CHANGE)
    wanted = [name for name in names if _is_uuid(name)]
    rows = rows.filter(pk__in=wanted, space=space.pk if space else None, blob__media_type__in=KINDS)
    return {str(file.pk): file for file in rows}


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def checked(actor: Actor, finding: Finding, rows: list[dict[str, str]]) -> list[File]:
    """The files of these rows, in their order. Raises ValidationError at papers."""
    if len(rows) > MOST:
        raise ValidationError({"papers": _("Put at most %(most)s files into a finding.") % {"most": MOST}})
    known = own_files(actor, finding.node.space, [str(row.get("file", "")) for row in rows])
    if any(str(row.get("file", "")) not in known for row in rows):
        raise ValidationError({"papers": _("One of the files is not there any more. Put it in again.")})
    if any(not str(row.get("caption_th", "")).strip() for row in rows):
        raise ValidationError({"papers": _("Write in one sentence what each file shows.")})
    return [known[str(row["file"])] for row in rows]
