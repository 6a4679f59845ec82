"""What happens to suggestions when somebody takes back what she agreed to or contributed, and what she is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Visibility
from khlong.chain.search import index
from khlong.deliberation.models import Agreement, AnchorMove, Suggestion, Verdict
from khlong.deliberation.policies import mark_of
from khlong.deliberation.tongues import NAMES
from khlong.people.actor import Actor
from khlong.people.models import Subject
from khlong.people.policy import Verb
from khlong.people.pseudonyms import standing_of
from khlong.privacy.models import Purpose
from khlong.privacy.registries import (
    Activity,
    Contributions,
    Kept,
    contributions,
    on_withdrawal,
    processing,
    what_is_kept,
)
from khlong.record.actions import Act, action

TAKEN_BACK = "ผู้เสนอถอนคำพูดของตนแล้ว"


def of_person(subject: Subject) -> QuerySet[Suggestion]:
    """What somebody suggested under her pseudonyms, in the city that keeps something of her or in all of them."""
    found = Q(pk__in=[])
    for space, name in standing_of(subject):
        if subject.space in (None, space):
            found |= Q(node__space=space, by=name)
    return Suggestion.objects.filter(found)


@on_withdrawal
def erase(subject: Subject, purpose: str | None) -> None:
    """Her words and her pseudonym go; that somebody spoke to the passage, and what was answered, stays."""
    if purpose in (None, Purpose.PLAN):
        empty(list(of_person(subject).values_list("pk", flat=True)))


def empty(gone: Collection[UUID]) -> None:
    """Take words, place, groups and pseudonym out of suggestions, and what was said of their answers."""
    rows = Suggestion.objects.filter(pk__in=gone)
    rows.update(
        words="",
        instead="",
        translation_th="",
        site="",
        by="",
        hidden_on=timezone.localdate(),
        hidden_why=TAKEN_BACK,
    )
    for row in rows:
        row.groups.clear()
    AnchorMove.objects.filter(suggestion__in=gone).update(by="")
    Verdict.objects.filter(answer__suggestion__in=gone).update(words="")
    titles = {"title_th": TAKEN_BACK, "title_en": "", "sort_key": "", "visibility": Visibility.MEMBERS}
    Node.objects.filter(pk__in=gone).update(**titles)
    index(*gone)


# --- with an account: taken back under the pseudonym, so that no row ties it to the account ---------------


@action("deliberation.suggestion.take_back")
def take_back_suggestion(act: Act, suggestion: Suggestion) -> None:
    """Take back what one suggested, by whoever suggested it. Raises Refused."""
    act.require(Verb.USE, suggestion)
    empty([suggestion.pk])
    act.note(suggestion, fields=["words", "by"])


@action("deliberation.suggestion.disagree")
def take_back_agreement(act: Act, agreement: Agreement) -> None:
    """Take back that one means the same, by whoever said so. Raises Refused."""
    act.require(Verb.USE, agreement)
    act.note(agreement, fields=["removed"])
    agreement.delete()


def under_name(space: UUID, name: str) -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(node__space=space, by=name).exclude(by="").select_related("node__space")


def agreements_of(space: UUID, name: str) -> list[Agreement]:
    """A row says of nobody that it is hers: each is tried with her name."""
    rows = Agreement.objects.filter(suggestion__node__space=space).select_related("suggestion__node__space")
    return [row for row in rows.iterator() if row.mark == mark_of(row.suggestion, name)]


def take_back(actor: Actor, space: UUID) -> int:
    """Everything that stands in a city under the pseudonym of who acts; gives how many things."""
    said, agreed = list(under_name(space, actor.label)), agreements_of(space, actor.label)
    for suggestion in said:
        take_back_suggestion(actor, suggestion)
    for agreement in agreed:
        take_back_agreement(actor, agreement)
    return len(said) + len(agreed)


def told_under(space: UUID, name: str) -> Iterable[Kept]:
    """What stands in a city under a pseudonym, for whoever bears it. The pseudonym itself is not told."""
    yield from _suggestions(under_name(space, name))
    for row in agreements_of(space, name):
        values = ((_("words it spoke to"), row.suggestion.quote),)
        yield Kept(_("You mean the same as a suggestion"), values, row.on)


contributions(Contributions(told_under, take_back, _("What I suggested"), "deliberation:mine"))


# --- what she is told --------------------------------------------------------------------------------------


@what_is_kept
def told(subject: Subject) -> Iterable[Kept]:
    yield from _suggestions(of_person(subject).select_related("node"))


def _suggestions(rows: QuerySet[Suggestion]) -> Iterable[Kept]:
    verdicts = Verdict.objects.filter(answer__suggestion__in=rows).exclude(words="")
    missing = dict(verdicts.values_list("answer__suggestion", "words"))
    for row in rows.prefetch_related("groups"):
        yield Kept(_("A suggestion to a plan"), _values(row, missing.get(row.pk, "")), row.said_on)


def _values(row: Suggestion, missing: str) -> tuple[tuple[Any, str], ...]:
    said = (
        (_("what it is"), row.get_voice_display()),
        (_("in her own words"), row.words),
        (_("what should stand there instead"), row.instead),
        (_("words it spoke to"), row.quote),
        (_("language"), str(NAMES.get(row.language, row.language))),
        (_("groups she says she belongs to"), ", ".join(str(group) for group in row.groups.all())),
        (_("place"), row.site),
        (_("what is missing"), missing),
    )
    return tuple((label, text) for label, text in said if text)


processing(
    Activity(
        title=_("Suggestions to plans"),
        purpose=_("a plan that holds what people said, with an answer to each"),
        people=_("whoever speaks: residents, migrant workers, members of networks"),
        data=_("words, groups that she names, language, day; no name, no address"),
        basis=_("consent, read out or shown"),
        recipients=_("everybody, under a pseudonym or none"),
        kept=_("as long as the plan and its history"),
        protected=_(
            "pseudonyms under keys of their own; drawn numbers and days instead of order and moments"
        ),
    )
)
