"""Households of the training city and what they said: many at once, under consent and keys like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from khlong.chain.models import Kind, Node, Visibility
from khlong.people import keys
from khlong.privacy.models import Consent, ConsentText, How, Purpose
from khlong.register.models import Household, Statement, Telling
from khlong.training.base import Ground
from khlong.training.bulk import drawn_uuid, keep_nodes, remember
from khlong.training.making import MAKER, in_chunks
from khlong.training.texts import words
from khlong.training.voices import Composer, place_of

SURVEY = date(2026, 2, 9)
SPEAK, EVERY = 40, 15
"""So many of the first households say something, and one in so many of the others."""


@dataclass(frozen=True)
class Told:
    """A household and, when it was asked, what it said."""

    place: str
    words: str = ""
    words_en: str = ""


def voices_of_the_story() -> list[Told]:
    """The households whose words the story rests on."""
    return [Told(row["in"], row["th"], row["en"]) for row in words("voices")]


def households(composer: Composer, number: int) -> list[Told]:
    """All households: those of the story first, then as many as are asked for, of whom some speak."""
    told = voices_of_the_story()
    for at in range(max(0, number - len(told))):
        place = place_of(at)
        speaks = at < SPEAK or at % EVERY == 0
        told.append(Told(place, composer.statement(place) if speaks else ""))
    return told


def keep_households(ground: Ground, told: Sequence[Told], rng: Random) -> dict[str, list[Node]]:
    """Write households, their consents and their statements; gives the statements' nodes by community."""
    found: dict[str, list[Node]] = {}
    for some in in_chunks(told):
        with ground.part(len(some)):
            nodes = _keep_some(ground, some, rng)
        for one, node in zip([one for one in some if one.words], nodes, strict=True):
            found.setdefault(one.place, []).append(node)
    return found


def _keep_some(ground: Ground, part: Sequence[Told], rng: Random) -> list[Node]:
    space = ground.city.node
    people = keys.new_subjects([uuid4() for _ in part], space=space.pk)
    rows = []
    for subject, one in zip(people, part, strict=True):
        row = Household(uuid=drawn_uuid(rng), space=space, subject=subject)
        row.community, row.zone = ground.communities[one.place], rng.choice(ground.zones[one.place])
        row.people, row.is_example, row.noted_by = (
            rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6, 7)),
            True,
            MAKER,
        )
        rows.append(row)
    keys.put_all(rows, "called", [f"{rng.randint(1, 399)}/{rng.randint(1, 60)}" for _ in rows])
    Household.objects.bulk_create(rows)
    _keep_groups(ground, rows, part)
    _keep_consents(rows, rng)
    return _keep_statements(ground, rows, part, rng)


def _keep_groups(ground: Ground, rows: list[Household], part: Sequence[Told]) -> None:
    through = Household.groups.through
    through.objects.bulk_create(
        through(household_id=row.pk, group_id=ground.groups[one.place].pk)
        for row, one in zip(rows, part, strict=True)
    )


def _keep_consents(rows: list[Household], rng: Random) -> None:
    text = ConsentText.objects.filter(space=None, purpose=Purpose.PLAN).order_by("-version").first()
    more: dict[str, Any] = {"text": text, "language": "th", "how": How.SPOKEN, "noted_by": MAKER}
    Consent.objects.bulk_create(
        Consent(
            id=drawn_uuid(rng),
            subject_id=row.subject_id,
            site="บ้านของผู้ตอบ",
            given_on=SURVEY + timedelta(days=rng.randint(0, 40)),
            explicit=bool(text and text.sensitive),
            **more,
        )
        for row in rows
    )


def _keep_statements(ground: Ground, rows: list[Household], part: Sequence[Told], rng: Random) -> list[Node]:
    spoke = [(row, one) for row, one in zip(rows, part, strict=True) if one.words]
    made = []
    for row, one in spoke:
        quoted = bool(one.words_en) or rng.random() < 0.8
        node = Node(kind=Kind.STATEMENT, space=ground.city.node, is_example=True)
        node.uuid = drawn_uuid(rng)
        node.visibility = Visibility.PUBLIC if quoted else Visibility.MEMBERS
        statement = Statement(node=node, household=row, may_quote=quoted, how=rng.choice(Telling.values))
        statement.said_on, statement.wording = SURVEY + timedelta(days=rng.randint(0, 44)), 1
        statement.site = row.community.name_th if row.community else ""
        node.title_th, node.title_en = statement.titles()
        made.append(statement)
    keep_nodes([statement.node for statement in made])
    keys.put_all(made, "words", [one.words for _row, one in spoke])
    keys.put_all(made, "words_en", [one.words_en for _row, one in spoke])
    Statement.objects.bulk_create(made)
    remember(made, ("said_on", "how", "may_quote", "wording"))
    return [statement.node for statement in made]
