"""What happens to suggestions when somebody takes back what she agreed to, and what she is told is kept of her."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Visibility
from khlong.chain.search import index
from khlong.deliberation.models import Suggestion
from khlong.people.models import Subject
from khlong.people.pseudonyms import standing_of
from khlong.privacy.models import Purpose
from khlong.privacy.registries import Activity, Kept, on_withdrawal, processing, what_is_kept

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
    if purpose not in (None, Purpose.PLAN):
        return
    gone = list(of_person(subject).values_list("pk", flat=True))
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
    titles = {"title_th": TAKEN_BACK, "title_en": "", "sort_key": "", "visibility": Visibility.MEMBERS}
    Node.objects.filter(pk__in=gone).update(**titles)
    index(*gone)


@what_is_kept
def told(subject: Subject) -> Iterable[Kept]:
    for row in of_person(subject).select_related("node"):
        said = ((_("in her own words"), row.words), (_("what should stand there instead"), row.instead))
        values = tuple((label, text) for label, text in (*said, (_("words it spoke to"), row.quote)) if text)
        yield Kept(_("A suggestion to a plan"), values, row.said_on)


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
