"""Documents and photos that a finding rests on, and how they come in with a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import PAPER_WORDS, Finding, FindingFile
from khlong.chain.models import Node
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record.errors import FileRefused
from khlong.record.filed import MEMBERS, File
from khlong.record.files import DOCUMENTS, IMAGES, keep_file, uses_files
from khlong.record.uploads import let_go

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


# --- coming in with a form ------------------------------------------------------------------

FIELD = "paper"


@dataclass
class Row:
    """One file in a form, with what was typed of it."""

    number: int
    file: File
    words: dict[str, str]
    gone: bool = False

    @property
    def prefix(self) -> str:
        return f"paper-{self.number}"

    @property
    def thumb(self) -> str:
        return self.file.url_of(400)

    @property
    def size(self) -> tuple[int, int]:
        return self.file.shown_size(400)

    def plain(self) -> dict[str, str]:
        return {"label": self.words["caption_th"], "file": str(self.file.pk), **self.words}

    def fields(self) -> list[dict[str, Any]]:
        """The fields of the row as a template draws them."""
        labels = {
            "caption_th": _("What it shows, in Thai"),
            "alt_th": _("For those who cannot see it, in Thai"),
            "caption_en": _("What it shows, in English"),
        }
        return [
            {
                "name": f"{self.prefix}-{name}",
                "label": label,
                "value": self.words[name],
                "must": name == "caption_th",
                "lang": name[-2:],
            }
            for name, label in labels.items()
            if name != "alt_th" or self.file.is_picture
        ]


@dataclass
class Papers:
    """All files of a form; those that came in whole are kept already, whatever becomes of the form."""

    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def plain(self) -> list[dict[str, str]]:
        return [row.plain() for row in self.rows if not row.gone]


def of_finding(finding: Finding) -> Papers:
    """The files of a finding as they stand, for its form."""
    if finding.node._state.adding:
        return Papers()
    rows = finding.files.select_related("file__blob")
    return Papers([Row(at, row.file, words_of(row.plain())) for at, row in enumerate(rows)])


def taken(request: HttpRequest, actor: Actor, space: Node | None) -> Papers:
    """The files of a form that was sent; new ones are kept now and stay in it."""
    typed = request.POST
    names = [typed.get(f"paper-{at}-file", "") for at in range(MOST)]
    known = own_files(actor, space, filter(None, names))
    made = Papers()
    for at, name in enumerate(names):
        if name in known:
            words = {word: typed.get(f"paper-{at}-{word}", "").strip()[:LONGEST] for word in PAPER_WORDS}
            made.rows.append(Row(len(made.rows), known[name], words, bool(typed.get(f"paper-{at}-gone"))))
    if refused := let_go(request, FIELD):
        made.refused += refused.messages
    sent: MultiValueDict[str, Any] = request.FILES
    for upload in sent.getlist(FIELD):
        try:
            file = keep_file(
                actor, upload, space=space.pk if space else None, visibility=MEMBERS, kinds=KINDS
            )
        except FileRefused as error:
            made.refused += [f"{upload.name}: {words}" for words in error.messages]
            continue
        made.rows.append(Row(len(made.rows), file, dict.fromkeys(PAPER_WORDS, "")))
    return made
