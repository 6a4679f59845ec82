"""The photos of a report: what is written of each, and how they come in with a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from khlong.chain.models import Node
from khlong.journal.models import Report
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.places.models.base import in_language
from khlong.record.errors import FileRefused
from khlong.record.filed import MEMBERS, File
from khlong.record.files import IMAGES, keep_file, uses_files
from khlong.record.uploads import let_go

MOST = 20
WORDS = {"alt_th": 300, "alt_en": 300, "caption_th": 500, "caption_en": 500, "credit": 160}
FIELD = "photos"


@dataclass
class Photo:
    """One picture of a report with its words, as it stands in `Report.photos`. `label` is what a history shows."""

    file: str
    alt_th: str = ""
    alt_en: str = ""
    caption_th: str = ""
    caption_en: str = ""
    credit: str = ""

    def plain(self) -> dict[str, str]:
        words = {name: getattr(self, name) for name in WORDS}
        return {"label": self.alt_th, "file": self.file, **words}

    @property
    def alt(self) -> str:
        return in_language(self.alt_th, self.alt_en)

    @property
    def caption(self) -> str:
        return in_language(self.caption_th, self.caption_en)


@dataclass
class Shown:
    """A photo with its file, as a page prints it."""

    photo: Photo
    file: File

    @property
    def upright(self) -> bool:
        return (self.file.height or 0) > (self.file.width or 0)

    @property
    def small(self) -> tuple[int, int]:
        return self.file.shown_size(400)

    @property
    def large(self) -> tuple[int, int]:
        return self.file.shown_size(1000)

    @property
    def sources(self) -> str:
        """The pictures to choose from, for the srcset of an img."""
        widths = ((400, self.small[0]), (1000, self.large[0]))
        return ", ".join(f"{self.file.url_of(width)} {made}w" for width, made in dict(widths).items())

    @property
    def address(self) -> str:
        return self.file.url_of(1000)

    @property
    def thumb(self) -> str:
        return self.file.url_of(400)


def read(plain: Mapping[str, Any]) -> Photo:
    """A photo from what is kept of it."""
    return Photo(str(plain.get("file", "")), **{name: str(plain.get(name, "")) for name in WORDS})


def shown(report: Report, files: Iterable[File]) -> list[Shown]:
    """The photos of a report in their order, with their files."""
    known = {str(file.pk): file for file in files}
    return [Shown(read(one), known[one["file"]]) for one in report.photos if one.get("file") in known]


@uses_files
def files_of_reports() -> QuerySet[Any, UUID]:
    """All files that some report shows now."""
    through: Any = Report.files.through
    found: QuerySet[Any, UUID] = through.objects.values_list("file_id", flat=True)
    return found


def own_files(actor: Actor, space: Node | None, keys: Iterable[str]) -> dict[str, File]:
    """The pictures among these that belong to the space and that the actor may put to use."""
    wanted = [key for key in keys if _is_uuid(key)]
    rows = scope(actor, File.objects.select_related("blob"), Verb.CHANGE)
    rows = rows.filter(pk__in=wanted, space=space.pk if space else None, blob__media_type__in=IMAGES)
    return {str(file.pk): file for file in rows}


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


# --- coming in with a form -------------------------------------------------------------------------


@dataclass
class Row:
    """One photo in a form: what is kept of the file, what was typed, and what is wrong with it."""

    number: int
    shown: Shown
    gone: bool = False
    place: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return f"photo-{self.number}"

    def words(self) -> list[dict[str, Any]]:
        """The fields of the row as a template draws them."""
        labels = {
            "alt_th": (
                _("What the photo shows, in Thai"),
                _("For those who cannot see it, in one sentence."),
            ),
            "caption_th": (_("Caption in Thai"), _("Stands under the photo. May stay empty.")),
            "credit": (_("Who took it"), ""),
            "alt_en": (_("What the photo shows, in English"), ""),
            "caption_en": (_("Caption in English"), ""),
        }
        return [
            {
                "id": f"id_{self.prefix}-{name}",
                "name": f"{self.prefix}-{name}",
                "label": label,
                "help": help_text,
                "must": name == "alt_th",
                "value": getattr(self.shown.photo, name),
                "most": WORDS[name],
                "error": self.errors.get(name, ""),
                "lang": name.rpartition("_")[2] if "_" in name else "",
                "english": name.endswith("_en"),
            }
            for name, (label, help_text) in labels.items()
        ]


@dataclass
class Photos:
    """All the photos of a form, with what went wrong when new ones came in. What came in whole is kept already."""

    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    came: int = 0

    @property
    def kept(self) -> list[Row]:
        """Those that stay, in the order that was asked for."""
        stay = [row for row in self.rows if not row.gone]
        return sorted(stay, key=lambda row: (_number(row.place, row.number + 1), row.number))

    def plain(self) -> list[dict[str, str]]:
        return [row.shown.photo.plain() for row in self.kept]

    def check(self) -> list[tuple[Row, str, str]]:
        """What is missing: a row, a field and words for each."""
        for row in self.kept:
            if not row.shown.photo.alt_th.strip():
                row.errors["alt_th"] = _("Write in one sentence what this photo shows.")
        return [(row, name, words) for row in self.kept for name, words in row.errors.items()]


def _number(text: str, otherwise: int) -> int:
    from khlong.thai.digits import to_arabic

    plain = to_arabic(text).strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 4 else otherwise


def of_report(report: Report) -> Photos:
    """The photos of a report as they stand, for its form."""
    if report.node._state.adding:
        return Photos()
    files = report.files.select_related("blob")
    return Photos([Row(at, one, place=str(at + 1)) for at, one in enumerate(shown(report, files))])


def taken(request: HttpRequest, actor: Actor, space: Node | None) -> Photos:
    """The photos of a form that was sent. New ones are kept now, whatever becomes of the form, and stay in it."""
    made = Photos(_sent_rows(request, actor, space))
    if refused := let_go(request, FIELD):
        made.refused += refused.messages
    sent: MultiValueDict[str, Any] = request.FILES
    for upload in sent.getlist(FIELD):
        if len(made.rows) >= MOST:
            made.refused.append(_("A report holds at most %(most)d photos.") % {"most": MOST})
            break
        try:
            file = keep_file(actor, upload, space=space.pk if space else None, visibility=MEMBERS)
        except FileRefused as error:
            made.refused += [f"{upload.name}: {words}" for words in error.messages]
            continue
        number = len(made.rows)
        made.rows.append(Row(number, Shown(Photo(str(file.pk)), file), place=str(number + 1)))
        made.came += 1
    return made


def _sent_rows(request: HttpRequest, actor: Actor, space: Node | None) -> list[Row]:
    keys = [request.POST.get(f"photo-{number}-file", "") for number in range(MOST)]
    known = own_files(actor, space, filter(None, keys))
    return [
        _sent_row(request, number, known[key])
        for number, key in enumerate(key for key in keys if key in known)
    ]


def _sent_row(request: HttpRequest, number: int, file: File) -> Row:
    at = next(n for n in range(MOST) if request.POST.get(f"photo-{n}-file") == str(file.pk))
    typed = {name: request.POST.get(f"photo-{at}-{name}", "").strip() for name in WORDS}
    cut = {name: text[: WORDS[name]] for name, text in typed.items()}
    row = Row(number, Shown(Photo(str(file.pk), **cut), file))
    row.gone = bool(request.POST.get(f"photo-{at}-gone"))
    row.place = request.POST.get(f"photo-{at}-place", "") or str(number + 1)
    for name, text in typed.items():
        if len(text) > WORDS[name]:
            row.errors[name] = _("Longer than %(most)d letters; the end was cut off.") % {"most": WORDS[name]}
    return row


def checked(actor: Actor, report: Report, photos: Iterable[Mapping[str, Any]]) -> list[File]:
    """The files of photos that may stand in a report. Raises ValidationError at "photos"."""
    rows = [read(one) for one in photos]
    known = own_files(actor, report.node.space, [row.file for row in rows])
    if len(rows) > MOST:
        raise ValidationError({FIELD: _("A report holds at most %(most)d photos.") % {"most": MOST}})
    if any(row.file not in known for row in rows):
        raise ValidationError({FIELD: _("One of the photos is not there any more. Put it in again.")})
    if any(not row.alt_th.strip() for row in rows):
        raise ValidationError({FIELD: _("Write in one sentence what each photo shows.")})
    return [known[row.file] for row in rows]
