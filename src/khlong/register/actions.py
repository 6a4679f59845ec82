"""Putting households into the register, and what they said; all of it under consent and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.search import index
from khlong.chain.things import keep_thing, new_thing
from khlong.people import keys
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.places.models import Group
from khlong.privacy.actions import Said, note_consents
from khlong.privacy.models import Consent, ConsentText, Purpose
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused
from khlong.record.limits import Limit
from khlong.register.models import AgeGroup, Household, Person, Statement
from khlong.thai.digits import to_arabic

LONGEST_WORDS = 4000
CALLED = "household"
"""The kind of blind index of what a household is called by: its digits, such as those of a house number."""
HOUSEHOLDS = Limit(300, per=timedelta(hours=1))
PLAIN = ("community", "zone", "people")
OPEN = ("said_on", "how", "may_quote")
"""What the history of a statement keeps; its words, its site and its sheet stand in no history."""
CLOSED = ("site", "sheet")


@dataclass(frozen=True)
class SomeoneHere:
    """Somebody of a household as she is written down."""

    name: str = ""
    age: str = ""
    groups: Sequence[Group] = ()


# --- households ---------------------------------------------------------------------------


@action("register.household.add", limit=HOUSEHOLDS)
def add_household(
    act: Act,
    space: Node,
    texts: list[ConsentText],
    said: Said,
    values: Mapping[str, Any],
    *,
    called: str = "",
    groups: Iterable[Group] = (),
    people: Iterable[SomeoneHere] = (),
    sure: bool = False,
) -> Household:
    """Add a household of a city under the consent of whoever speaks for it.

    `values` are community, zone and people. Where somebody of the name or of the house number is in the register
    already, only `sure` adds another. Raises Refused, and ValidationError by field: those of a consent, texts, zone,
    people, called, sure.
    """
    made = Household(space=space, is_example=space.is_example, noted_by=act.actor.label)
    act.require(Verb.ADD, made, _("Only the working group of this city keeps its register."))
    if space.kind != Kind.CITY:
        raise Refused(_("Households belong to a city."))
    here = list(people)
    changed_fields(made, {name: values.get(name) for name in PLAIN})
    _check(made, list(groups), here)
    if not texts:
        raise ValidationError(
            {"texts": _("Tick what the household agreed to. Without consent nothing is kept.")}
        )
    if not sure:
        _ask_about_twins(act.actor, made, [said.name, *(one.name for one in here)], called)
    consents = note_consents(act.actor, texts, space.pk, said)
    made.subject = consents[0].subject
    keys.put(made, "called", called.strip())
    made.save(force_insert=True)
    made.groups.set(groups)
    keys.remember(made.subject, CALLED, called)
    for one in here:
        _keep_person(act, made, one)
    act.note(made, fields=["subject", *PLAIN, "groups", "called"])
    return made


@action("register.household.change")
def change_household(
    act: Act,
    household: Household,
    values: Mapping[str, Any],
    *,
    called: str | None = None,
    groups: Iterable[Group] | None = None,
) -> Household:
    """Correct where a household lives, how many it has, its groups, or what it is called by (None leaves it)."""
    standing = _standing(household)
    act.require(Verb.CHANGE, standing)
    changed = changed_fields(standing, {name: values[name] for name in PLAIN if name in values})
    wanted = None if groups is None else list(groups)
    _check(standing, wanted or [], [])
    if called is not None and keys.read(standing, "called") != called.strip():
        keys.put(standing, "called", called.strip())
        keys.remember(standing.subject, CALLED, called)
        changed.append("called")
    if wanted is not None and set(standing.groups.all()) != set(wanted):
        standing.groups.set(wanted)
        changed.append("groups")
    if not changed:
        act.nothing()
        return standing
    standing.save()
    act.note(standing, fields=changed)
    return standing


@action("register.person.add", limit=HOUSEHOLDS)
def add_person(act: Act, household: Household, one: SomeoneHere) -> Person:
    """Add somebody to a household, under a key of her own. Raises Refused, and ValidationError at name, age, groups."""
    standing = _standing(household)
    act.require(Verb.CHANGE, standing)
    _check(standing, [], [one])
    return _keep_person(act, standing, one)


@action("register.person.remove")
def remove_person(act: Act, person: Person) -> None:
    """Take somebody out of a household: her key is destroyed with all that was kept of her."""
    act.require(Verb.CHANGE, person)
    act.note(person, fields=["subject"], space=person.space_id)
    keys.destroy(person.subject)


def _keep_person(act: Act, household: Household, one: SomeoneHere) -> Person:
    made = Person(household=household, subject=keys.new_subject(space=household.space_id), age=one.age)
    keys.put(made, "name", one.name.strip())
    made.save(force_insert=True)
    made.groups.set(one.groups)
    keys.remember(made.subject, "name", one.name)
    act.note(made, fields=["name", "age", "groups"], space=household.space_id)
    return made


def _standing(household: Household) -> Household:
    """The household as it stands now. Raises Refused when it has withdrawn."""
    row = Household.objects.select_for_update(of=("self",)).select_related("space", "subject")
    standing = row.get(pk=household.pk)
    if standing.subject.destroyed_on is not None:
        raise Refused(_("This household has taken its consent back. Nothing is kept of it any more."))
    return standing


def _check(household: Household, groups: list[Group], people: list[SomeoneHere]) -> None:
    wrong: dict[str, Any] = {}
    city = household.space_id
    if household.community is not None and household.community.city_id != city:
        wrong["community"] = _("This community belongs to another city.")
    if household.zone is not None:
        if household.community is None:
            household.community = household.zone.community
        if household.zone.community_id != household.community_id:
            wrong["zone"] = _("This zone belongs to another community.")
    if household.people is not None and not 1 <= household.people <= 60:
        wrong["people"] = _("A household has from 1 to 60 people.")
    elif household.people is not None and len(people) > household.people:
        wrong["people"] = _("More people are written down below than the household has.")
    if any(group.city_id != city for group in [*groups, *(g for one in people for g in one.groups)]):
        wrong["groups"] = _("This group belongs to another city.")
    if any(one.age and one.age not in AgeGroup.values for one in people):
        wrong["age"] = _("Choose one of the ages.")
    if wrong:
        raise ValidationError(wrong)


# --- the same household twice -------------------------------------------------------------


def twins(
    actor: Actor, space: Node, names: Iterable[str], called: str = "", community: Any = None
) -> list[Household]:
    """Households of the city in which somebody of one of the names is known, or that have the house number in the
    same community; found by blind indexes, so that nothing is opened.
    """
    found: set[Any] = set()
    for name in filter(str.strip, names):
        subjects = keys.found("name", name, space.pk).values("pk")
        found |= set(Household.objects.filter(subject__in=subjects).values_list("pk", flat=True))
        found |= set(Person.objects.filter(subject__in=subjects).values_list("household", flat=True))
    if called.strip():
        same = Household.objects.filter(subject__in=keys.found(CALLED, called, space.pk).values("pk"))
        if community is not None:
            same = same.filter(community=community)
        found |= set(same.values_list("pk", flat=True))
    rows = scope(actor, Household.objects.select_related("community", "zone", "space", "subject"))
    return list(rows.filter(pk__in=found, space=space, subject__destroyed_on=None).order_by("pk")[:20])


def place_of(household: Household) -> str:
    """Where a household lives, as far as a zone."""
    near = household.zone or household.community
    return near.name if near is not None else household.space.title


def _ask_about_twins(actor: Actor, made: Household, names: list[str], called: str) -> None:
    found = twins(actor, made.space, names, called, made.community)
    if found:
        words = _(
            "This name or house number is in the register already (%(where)s, %(number)s in all). "
            "Look there first; if this is another household, tick the box below."
        )
        where = ", ".join(sorted({place_of(row) for row in found}))
        raise ValidationError({"sure": words % {"number": len(found), "where": where}})


# --- statements ---------------------------------------------------------------------------


def exact_sheet(text: str) -> str:
    """The number of a sheet as it is kept: Arabic digits, no blanks at its ends."""
    return to_arabic(text).strip()


@action("register.statement.save", limit=Limit(600, per=timedelta(hours=1)))
def save_statement(
    act: Act,
    statement: Statement,
    values: Mapping[str, Any],
    *,
    words: str | None = None,
    words_en: str | None = None,
    base: int | None = None,
    why: str = "",
    sure: bool = False,
) -> Statement:
    """Add what a household said, or correct it; None leaves the words as they are.

    `values` are said_on, how, may_quote, site and sheet. A sheet that is entered already is asked about; only `sure`
    enters another of its number. Raises Refused, EditConflict, and ValidationError by field: words, said_on, sheet.
    """
    adding = statement.node._state.adding
    act.require(Verb.ADD if adding else Verb.CHANGE, statement)
    _require_consent(statement.household)
    closed = {name: _text(values[name]) for name in CLOSED if name in values}
    closed |= {"sheet": exact_sheet(closed["sheet"])} if "sheet" in closed else {}
    _check_statement(statement, values, words if words is not None or not adding else "", words_en)
    if not sure and closed.get("sheet"):
        _ask_about_sheet(statement, closed["sheet"])
    if adding:
        statement.node.visibility = _seen_by(values.get("may_quote"))
    written = _rewritten(statement, words, words_en)
    changed = [name for name, text in closed.items() if adding or getattr(statement, name) != text]
    plain = {name: values[name] for name in OPEN if name in values}
    if written or changed:
        plain["wording"] = statement.wording + 1
    kept = keep_thing(act, statement, plain, base=base, why=why)
    _write(kept, closed, written)
    _show(kept)
    return kept


def new_statement(household: Household) -> Statement:
    """An unsaved statement of a household."""
    made = new_thing(Statement, Kind.STATEMENT, space=household.space, is_example=household.is_example)
    made.household = household
    return made


def _text(value: Any) -> str:
    return str(value or "").strip()


def _require_consent(household: Household) -> None:
    agreed = Consent.objects.filter(subject=household.subject_id, withdrawn_on=None)
    # Held until the words stand, so that a withdrawal meanwhile waits and erases them too.
    if agreed.filter(text__purpose=Purpose.PLAN).select_for_update(of=("self",)).first() is None:
        raise Refused(
            _("This household has not agreed to its words being used for the city's plan. Ask it first.")
        )


def _check_statement(
    statement: Statement, values: Mapping[str, Any], words: str | None, words_en: str | None
) -> None:
    wrong: dict[str, Any] = {}
    if words is not None and not words.strip():
        wrong["words"] = _("Write what was said, in the household's own words.")
    for name, text in (("words", words), ("words_en", words_en)):
        if len(text or "") > LONGEST_WORDS:
            wrong[name] = _("Write at most %(most)s letters.") % {"most": LONGEST_WORDS}
    said_on = values.get("said_on", getattr(statement, "said_on", None))
    if said_on is None or said_on > timezone.localdate():
        wrong["said_on"] = _("Give the day on which it was said, not one to come.")
    if wrong:
        raise ValidationError(wrong)


def _ask_about_sheet(statement: Statement, sheet: str) -> None:
    same = Statement.objects.filter(node__space=statement.space_id, sheet=sheet).exclude(pk=statement.pk)
    standing = same.select_related("node").order_by("node__ref").first()
    if standing is not None:
        words = _(
            "Sheet %(sheet)s is entered already, as %(ref)s. If this is another sheet with the same number, "
            "tick the box below."
        )
        raise ValidationError({"sheet": words % {"sheet": sheet, "ref": standing.ref}})


def _rewritten(statement: Statement, words: str | None, words_en: str | None) -> dict[str, str]:
    """The sealed columns that get another text."""
    wanted = {
        name: text.strip() for name, text in (("words", words), ("words_en", words_en)) if text is not None
    }
    if statement.node._state.adding:
        return {name: text for name, text in wanted.items() if text}
    stood = keys.read_all([statement], "words", "words_en")[0]
    return {name: text for name, text in wanted.items() if stood[name] != text}


def _write(statement: Statement, closed: Mapping[str, str], written: Mapping[str, str]) -> None:
    for name, text in closed.items():
        setattr(statement, name, text)
    for name, text in written.items():
        keys.put(statement, name, text)
    if closed or written:
        statement.save(update_fields=[*closed, *written])


def _seen_by(may_quote: Any) -> Visibility:
    return Visibility.PUBLIC if may_quote else Visibility.MEMBERS


def _show(statement: Statement) -> None:
    """Everybody reads it when the household may be quoted; that this changed is noted with the save."""
    wanted = _seen_by(statement.may_quote)
    if statement.node.visibility != wanted:
        statement.node.visibility = wanted
        statement.node.save(update_fields=["visibility"])
        index(statement.node.pk)
