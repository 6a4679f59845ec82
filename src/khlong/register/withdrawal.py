"""What the register does when somebody takes consent back, what it tells who asks, and why it keeps anything."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from khlong.chain.models import Node, ThingRevision
from khlong.chain.search import index
from khlong.people import keys
from khlong.people.models import Subject
from khlong.privacy.models import Purpose
from khlong.privacy.registries import Activity, Kept, on_withdrawal, processing, what_is_kept
from khlong.register.models import WITHDRAWN_EN, WITHDRAWN_TH, Household, Person, Statement


@on_withdrawal
def erase(subject: Subject, purpose: str | None) -> None:
    """Words go with the consent for the plan; with everything also the household and the people in it.

    The nodes of statements stay, with the words that say so, since others rest on them.
    """
    if purpose in (None, Purpose.PLAN):
        _empty_statements(subject)
    if purpose is None:
        _empty_households(subject)
        Person.objects.filter(subject=subject).delete()


def _empty_statements(subject: Subject) -> None:
    rows = Statement.objects.filter(household__subject=subject, erased_on=None)
    found = list(rows.values_list("pk", flat=True))
    rows.update(words=None, words_en=None, site="", sheet="", may_quote=False, erased_on=timezone.localdate())
    Node.objects.filter(pk__in=found).update(
        title_th=WITHDRAWN_TH, title_en=WITHDRAWN_EN, sort_key=WITHDRAWN_TH
    )
    ThingRevision.objects.filter(node__in=found).update(why="")
    index(*found)


def _empty_households(subject: Subject) -> None:
    for household in Household.objects.filter(subject=subject):
        people = Subject.objects.filter(person_of_household__household=household)
        for person in list(people):
            keys.destroy(person)
        household.groups.clear()
        household.called, household.people, household.community, household.zone = None, None, None, None
        household.save()
        if not household.statements.exists():
            household.delete()


@what_is_kept
def kept_of(subject: Subject) -> Iterable[Kept]:
    """The household of whoever speaks for it with what it said, or the person within one."""
    for household in Household.objects.filter(subject=subject).select_related("community", "zone"):
        yield _kept_household(household)
        for statement in Statement.objects.filter(household=household, erased_on=None):
            yield _kept_statement(statement)
    for person in Person.objects.filter(subject=subject).prefetch_related("groups"):
        values = (
            (_("name"), keys.read(person, "name")),
            (_("age"), str(person.get_age_display() if person.age else "")),
            (_("groups"), _names(person)),
        )
        yield Kept(_("Person of a household"), tuple(pair for pair in values if pair[1]))


def _kept_household(household: Household) -> Kept:
    values = (
        (pgettext_lazy("household", "called"), keys.read(household, "called")),
        (_("community"), household.community.name if household.community else ""),
        (_("zone"), household.zone.name if household.zone else ""),
        (_("groups"), _names(household)),
        (_("people in the household"), str(household.people or "")),
    )
    return Kept(_("Household"), tuple(pair for pair in values if pair[1]), household.noted_on)


def _kept_statement(statement: Statement) -> Kept:
    texts = keys.read_all([statement], "words", "words_en")[0]
    values = (
        (pgettext_lazy("household", "what was said"), texts["words"]),
        (_("what was said, in English"), texts["words_en"]),
        (_("place where it was told"), statement.site),
        (_("number of the paper sheet"), statement.sheet),
    )
    return Kept(_("Statement"), tuple(pair for pair in values if pair[1]), statement.said_on)


def _names(row: Household | Person) -> str:
    return ", ".join(group.name for group in row.groups.all())


processing(
    Activity(
        title=_("Register of households"),
        purpose=_(
            "Knowing how hazards reach households, and what they ask for, when the city's plan is made"
        ),
        people=_("households that agreed, and the people in them"),
        data=_(
            "community and zone, groups, number of people, what it is called by, names, ages, what was said"
        ),
        basis=_("consent for the plan, without names"),
        recipients=_(
            "members and owners of the city; words of those who may be quoted without a name: everybody"
        ),
        kept=_("until the consent is taken back or ends; that somebody spoke stays, without words"),
        protected=_(
            "sealed with a key for each household and person, found by blind indexes, no precise position"
        ),
    )
)
