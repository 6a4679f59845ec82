"""Making the training city: the story through the rooms' actions, then as many households as are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind
from khlong.chain.search import together
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.strategy.models import Item, ItemKind
from khlong.training import crowd
from khlong.training.account import tell_logframe
from khlong.training.base import SLUG, lay_ground
from khlong.training.households import households, keep_households
from khlong.training.story import Story, tell_findings, tell_plan, tell_round
from khlong.training.texts import words
from khlong.training.voices import composer
from khlong.training.works import tell_pilots, tell_proposals

FEWEST, MOST, USUAL, SEED = 36, 100_000, 240, 7
STAGES = 7
Told = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """What was made."""

    seed: int
    households: int
    statements: int
    findings: int
    measures: int
    suggestions: int
    proposals: int
    pilots: int


def check(number: int) -> None:
    """Raises Refused when there is a training city already, or the number cannot be."""
    if not FEWEST <= number <= MOST:
        words = _("A training city has from %(fewest)s to %(most)s households.")
        raise Refused(words % {"fewest": FEWEST, "most": MOST})
    if City.objects.filter(slug=SLUG).exists():
        raise Refused(_("The training city is here already. Make another one in an empty folder."))


def make_city(
    actor: Actor,
    *,
    number: int = USUAL,
    seed: int = SEED,
    day: date | None = None,
    told: Told = lambda _stage: None,
) -> Made:
    """Make the training city; all of it or nothing. `day` is the day from which its round stays open for a year.

    The same number, seed and day make the same city. Raises Refused.
    """
    check(number)
    rng, voices = Random(f"khlong training {seed}"), composer(seed)  # noqa: S311 (an example, no secret)
    closes = (day or timezone.localdate()) + timedelta(days=365)
    with transaction.atomic(), together():
        ground = lay_ground(actor)
        told("ground")
        people = households(voices, number)
        statements = keep_households(ground, people, rng)
        told("households")
        story, wanted = Story(ground, rng), crowd.sizes(number)
        tell_findings(story, statements)
        more = max(0, wanted.findings - len(story.findings))
        findings = crowd.more_findings(story, voices, more, statements)
        told("findings")
        measures: list[Item] = []
        few = sum(
            part["kind"] == "measure" for chapter in words("plan")["strategies"] for part in chapter["parts"]
        )
        tell_plan(
            story,
            lambda: measures.extend(
                crowd.more_measures(story, voices, max(0, wanted.measures - few), findings)
            ),
        )
        told("plan")
        tell_round(story, closes)
        measures = measures or [item for item in story.items.values() if item.kind == ItemKind.MEASURE]
        crowd.more_suggestions(story, voices, wanted.suggestions - len(story.suggestions), measures)
        told("suggestions")
        proposals, pilots = tell_proposals(story), tell_pilots(story)
        crowd.more_proposals(story, wanted.proposals - len(proposals), measures)
        crowd.more_pilots(story, wanted.pilots - len(pilots), measures)
        told("works")
        tell_logframe(story)
        return _made(ground.city, seed)


def _made(city: City, seed: int) -> Made:
    kinds = Counter(city.node.nodes.values_list("kind", flat=True))
    return Made(
        seed=seed,
        households=city.node.households.count(),
        statements=kinds[Kind.STATEMENT],
        findings=kinds[Kind.FINDING],
        measures=kinds[Kind.MEASURE],
        suggestions=kinds[Kind.SUGGESTION],
        proposals=kinds[Kind.PROPOSAL],
        pilots=kinds[Kind.PILOT],
    )
