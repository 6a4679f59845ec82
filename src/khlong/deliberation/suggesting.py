"""Saying something at some words of a version: one way for the phone, the scribe and the paper sheet."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import make_node, place_code
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.search import index
from khlong.deliberation import receipts
from khlong.deliberation.models import Circle, Origin, Round, Suggestion, Voice
from khlong.deliberation.tongues import LANGUAGES
from khlong.people.policy import Verb
from khlong.places.models import Group
from khlong.privacy.models import ConsentText
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import Limit
from khlong.strategy.models import Item, ItemKind, PassageRevision, VersionEntry, normal

MOST_WORDS = 4000
LATE_DAYS = 14
"""Words that waited on a phone without a line are taken so many days after the end, and marked as late."""
SPEAKING = Limit(1200, per=timedelta(hours=1))
"""For all who hold one link together."""


@dataclass(frozen=True)
class Anchor:
    """The words that somebody speaks to: code points of a revision, and what stands there."""

    revision: PassageRevision
    start: int
    end: int
    quote: str

    @classmethod
    def whole(cls, revision: PassageRevision) -> Anchor:
        return cls(revision, 0, len(revision.text), revision.text)

    def check(self, item: Item) -> None:
        """Raises ValidationError when the quote does not stand there, or the words are of another part."""
        if self.revision.passage.item_id != item.pk:
            raise ValidationError({"quote": _("These words belong to another part of the plan.")})
        here = self.revision.text[self.start : self.end]
        if not self.quote or self.start >= self.end or here != self.quote:
            raise ValidationError({"quote": _("These words do not stand there. Choose them once more.")})


@dataclass(frozen=True)
class Said:
    """What somebody says. `old_words` means the anchor on purpose, though the passage has newer words by now."""

    anchor: Anchor
    voice: Voice
    words: str = ""
    instead: str = ""
    language: str = "th"
    groups: Collection[Group] = field(default=())
    old_words: bool = False


@dataclass(frozen=True)
class Heard:
    """How a scribe came to it: spoken or on paper, where, on which day, on which sheet, with which words of consent."""

    origin: Origin
    site: str
    day: date
    consent: ConsentText
    sheet: str = ""


class PassageChanged(Refused):
    """The version at hand has other words for the passage; the person is asked whether she means these."""

    def __init__(self, entry: VersionEntry | None) -> None:
        self.entry = entry
        super().__init__(_("The passage has other words by now. Look whether you still mean them."))


class SheetStands(Refused):
    """A sheet of this number was entered at this passage before."""

    def __init__(self, standing: Suggestion, free: str) -> None:
        self.standing, self.free = standing, free
        super().__init__(
            _(
                "Sheet %(sheet)s was entered at this passage already. Is it another sheet? Then call it %(free)s."
            )
            % {"sheet": standing.sheet, "free": free}
        )


@action("deliberation.suggestion.make", limit=SPEAKING)
def make_suggestion(
    act: Act, round_: Round, said: Said, *, key: str, circle: Circle | None = None
) -> tuple[Suggestion, str]:
    """Say something at some words; gives it with its receipt.

    The same words with the same `key` are the same suggestion, however often they arrive. Raises Refused,
    PassageChanged, and ValidationError by field.
    """
    made = _unsaved(round_, said, circle=circle)
    act.require(Verb.ADD, made)
    code = receipts.code_for(key)
    if (standing := _sent_before(made, code)) is not None:
        act.nothing()
        return standing, code
    made.said_on = timezone.localdate()
    made.by, made.scribe = (act.actor.on_behalf_of, act.actor.label) if act.actor.on_behalf_of else ("", "")
    if made.scribe:
        made.origin = Origin.SPOKEN
    elif act.actor.contributes:
        made.by = act.actor.label
    _in_its_time(round_, made)
    _once_supported(made)
    return _keep(act, made, said, code), code


@action("deliberation.suggestion.note", limit=SPEAKING)
def note_suggestion(
    act: Act, round_: Round, said: Said, heard: Heard, *, key: str, circle: Circle | None = None
) -> tuple[Suggestion, str]:
    """Enter what somebody said or wrote on paper, for a pseudonym (in a sitting) or for nobody.

    Raises Refused, SheetStands, PassageChanged, ValidationError by field.
    """
    act.require(Verb.CHANGE, round_)
    made = _unsaved(round_, said, circle=circle)
    made.origin, made.site, made.sheet = heard.origin, heard.site.strip(), heard.sheet.strip()
    made.said_on, made.consent = heard.day, heard.consent
    made.by, made.scribe = act.actor.on_behalf_of, act.actor.label
    _check_heard(made)
    code = receipts.code_for(sheet_key(round_.pk, made.item.pk, made.sheet) if made.sheet else key)
    if not made.sheet and (standing := _sent_before(made, code)) is not None:
        act.nothing()
        return standing, code
    _once_entered(made)
    return _keep(act, made, said, code), code


def sheet_key(round_: UUID, item: UUID, sheet: str) -> str:
    """From which the receipt of a paper sheet is made, so that its slip is printed with it."""
    return f"sheet {round_} {item} {sheet}"


def _unsaved(round_: Round, said: Said, *, circle: Circle | None) -> Suggestion:
    if circle is not None and circle.round_id != round_.pk:
        raise Refused(_("This link is for another round."))
    node = make_node(
        Kind.SUGGESTION,
        space=round_.node.space,
        is_example=round_.node.is_example,
        visibility=round_.node.visibility,
    )
    anchor = said.anchor
    return Suggestion(
        node=node,
        round=round_,
        circle=circle,
        item=anchor.revision.passage.item,
        revision=anchor.revision,
        start=anchor.start,
        end=anchor.end,
        quote=anchor.quote,
        voice=said.voice,
        words=normal(said.words),
        instead=normal(said.instead),
        language=said.language,
    )


SAME = ("round_id", "item_id", "revision_id", "start", "end", "voice", "words", "instead")


def _sent_before(made: Suggestion, code: str) -> Suggestion | None:
    """The suggestion of this receipt, when it is the same; another one has it by chance: then nothing is kept."""
    standing = receipts.find(code)
    if standing is None or all(getattr(standing, name) == getattr(made, name) for name in SAME):
        return standing
    raise Refused(
        _("These words were sent under the number of others. Send them once more from the page of the plan.")
    )


def _in_its_time(round_: Round, made: Suggestion) -> None:
    if made.said_on < round_.opens_on:
        raise Refused(_("This round has not begun. Keep your words; they can be sent from its first day on."))
    if made.said_on > round_.ends_on + timedelta(days=LATE_DAYS):
        raise Refused(_("This round has ended. What was said, and the answers, can still be read."))


def _once_supported(made: Suggestion) -> None:
    if made.voice != Voice.SUPPORT or not made.by:
        return
    mine = Suggestion.objects.filter(round=made.round, item=made.item, voice=Voice.SUPPORT, by=made.by)
    if mine.exists():
        raise Refused(_("You support this passage already; it is counted once."))


def _check_heard(made: Suggestion) -> None:
    if made.said_on > timezone.localdate():
        raise ValidationError({"day": _("This day has not come yet.")})
    if not made.site:
        raise ValidationError({"site": _("Write where it was said or handed in.")})
    if made.origin == Origin.PAPER and not made.sheet:
        raise ValidationError(
            {"sheet": _("Write the number of the sheet. It stands at the top of the paper.")}
        )


def _once_entered(made: Suggestion) -> None:
    if not made.sheet:
        return
    rows = Suggestion.objects.filter(round=made.round, item=made.item)
    standing = rows.select_related("node").filter(sheet=made.sheet).first()
    if standing is not None:
        taken = set(rows.filter(sheet__startswith=f"{made.sheet}-").values_list("sheet", flat=True))
        number = next(n for n in range(2, len(taken) + 3) if f"{made.sheet}-{n}" not in taken)
        raise SheetStands(standing, f"{made.sheet}-{number}")


def _check_said(made: Suggestion, said: Said) -> None:
    said.anchor.check(made.item)
    lines = VersionEntry.objects.filter(Q(revision=made.revision) | Q(translation=made.revision))
    if not lines.filter(version=made.round.version).exists():
        stood = lines.filter(version__plan=made.round.plan).exists()
        if not stood:
            raise ValidationError({"quote": _("These words stand in no version of this plan.")})
        if not said.old_words:
            now = made.round.version.entries.select_related("revision", "translation")
            raise PassageChanged(now.filter(item=made.item).first())
    if said.language not in LANGUAGES:
        raise ValidationError({"language": _("Choose one of the languages of the list.")})
    _check_words(made)
    if any(group.city_id != made.round.plan.city_id for group in said.groups):
        raise ValidationError({"groups": _("This group belongs to another city.")})


def _check_words(made: Suggestion) -> None:
    if made.voice == Voice.SUGGEST and not made.instead and not made.words:
        raise ValidationError({"instead": _("Write what should stand there, or say it in your own words.")})
    if made.voice in {Voice.ASK, Voice.OBJECT} and not made.words:
        raise ValidationError({"words": _("Say it in your own words; a short sentence is enough.")})
    for name in ("words", "instead"):
        if len(getattr(made, name)) > MOST_WORDS:
            words = _("These are more than %(most)s letters. Say it shorter, or in two suggestions.")
            raise ValidationError({name: words % {"most": MOST_WORDS}})


def _keep(act: Act, made: Suggestion, said: Said, code: str) -> Suggestion:
    """Write it without a trace of order or moment: drawn numbers, and the beginning of the day."""
    _check_said(made, said)
    made.in_time = made.round.in_time(made.said_on)
    made.receipt = receipts.digest_of(code)
    made.node.title_th = title_of(made)
    made.node.ref = _drawn_ref(made.round.node.space)
    made.node.save(force_insert=True)
    today = _beginning_of(timezone.localdate())
    Node.objects.filter(pk=made.node.pk).update(created_at=today)
    made.node.created_at = today
    made.node_id = made.node.pk
    made.clean_fields(exclude=["node", "receipt"])
    made.save(force_insert=True)
    made.groups.set(said.groups)
    if made.item.kind == ItemKind.MEASURE:
        _link(made, today)
    index(made.node.pk)
    act.note(made, fields=["voice", "words", "instead", "groups"])
    return made


def _link(made: Suggestion, today: datetime) -> None:
    """From the measure to what is said of it. A number in a row with those of other links would tell the moment."""
    edge = Edge(
        pk=-1 - secrets.randbelow(2**52),
        up=made.item.node,
        down=made.node,
        kind=EdgeKind.LEADS_TO,
        by=made.scribe or made.by,
        version=str(made.round.version.number),
    )
    edge.save(force_insert=True)
    Edge.objects.filter(pk=edge.pk).update(at=today)


def title_of(made: Suggestion) -> str:
    """What stands in lists: the beginning of her words, or the words that she speaks to."""
    first = (made.words or made.instead or made.quote).split("\n")[0]
    return first if len(first) <= 120 else first[:119] + "…"


def _drawn_ref(space: Node | None) -> str:
    begins = f"{Kind.SUGGESTION.value}-{place_code(space)}"
    drawn = (f"{begins}-{10**7 + secrets.randbelow(9 * 10**7)}" for _try in range(50))
    return next(ref for ref in drawn if not Node.objects.filter(ref=ref).exists())


def _beginning_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
