"""Making the training city: the story through the rooms' actions, then as many households as are asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from random import Random

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.search import index
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.training import crowd
from khlong.training.account import tell_logframe
from khlong.training.base import lay_ground
from khlong.training.households import households, keep_households
from khlong.training.making import Parts, Told, mark, quiet
from khlong.training.models import Making
from khlong.training.story import Story, tell_findings, tell_plan, tell_round
from khlong.training.taking import take_away
from khlong.training.texts import words
from khlong.training.voices import Composer, composer
from khlong.training.works import tell_pilots, tell_proposals

FEWEST, MOST, USUAL, SEED = 36, 100_000, 240, 7


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
    """Raises Refused when a training city cannot have so many households."""
    if not FEWEST <= number <= MOST:
        words = _("A training city has from %(fewest)s to %(most)s households.")
        raise Refused(words % {"fewest": FEWEST, "most": MOST})


def rows_of(number: int) -> int:
    """How many rows `told` hears of before a city of so many households is whole; the story is told in any city."""
    works = words("works")
    more: dict[str, int] = asdict(crowd.sizes(number))
    story: dict[str, int] = {
        "findings": len(words("findings")),
        "measures": _told_measures(),
        "suggestions": len(words("suggestions")),
        "proposals": len(works["proposals"]),
        "pilots": len(works["pilots"]),
    }
    return number + sum(max(more[kind], story[kind]) for kind in story)


def make_city(
    actor: Actor,
    *,
    number: int = USUAL,
    seed: int = SEED,
    day: date | None = None,
    told: Told = quiet,
) -> Made:
    """Make the training city part by part; what an earlier run left unfinished is taken away first.

    `day` is the day from which its round stays open for a year. The same number, seed and day make the same city.
    Nobody but its own people sees the city before all of it is there. Raises Refused, and what `told` raises: then
    what is there waits for the next call, or for `unmake`.
    """
    check(number)
    today = day or timezone.localdate()
    part = Parts(mark(seed=seed, households=number, day=today), told)
    take_away(part)
    rng, voices = Random(f"khlong training {seed}"), composer(seed)  # noqa: S311 (an example, no secret)
    part.stage = "ground"
    ground = lay_ground(actor, part)
    part.stage = "households"
    statements = keep_households(ground, households(voices, number), rng)
    _tell(Story(ground, rng), voices, crowd.sizes(number), statements, today + timedelta(days=365))
    _show(ground.city, part)
    return _made(ground.city, seed)


def _tell(
    story: Story, voices: Composer, wanted: crowd.Sizes, statements: dict[str, list[Node]], closes: date
) -> None:
    """What rests on the statements, from the findings to the report."""
    part = story.ground.part
    part.stage = "findings"
    tell_findings(story, statements)
    findings = crowd.more_findings(story, voices, wanted.findings - len(story.findings), statements)
    part.stage = "plan"
    measures: list[crowd.Further] = []
    more = wanted.measures - _told_measures()
    tell_plan(story, lambda: measures.extend(crowd.more_measures(story, voices, more, findings)))
    part.stage = "suggestions"
    tell_round(story, closes, wanted.suggestions)
    crowd.more_suggestions(story, voices, wanted.suggestions - len(story.suggestions), measures)
    part.stage = "works"
    proposals, pilots = tell_proposals(story), tell_pilots(story)
    crowd.more_proposals(story, voices, wanted.proposals - len(proposals), measures)
    crowd.more_pilots(story, voices, wanted.pilots - len(pilots), measures)
    tell_logframe(story)


def _told_measures() -> int:
    chapters = words("plan")["strategies"]
    return sum(part["kind"] == "measure" for chapter in chapters for part in chapter["parts"])


def _show(city: City, part: Parts) -> None:
    """Let everybody see the city, which is whole with that."""
    with part():
        Node.objects.filter(pk=city.pk).update(visibility=Visibility.PUBLIC)
        index(city.pk)
        Making.objects.filter(run=part.run).update(whole=True)


def unmake(told: Told = quiet) -> None:
    """Take away a training city that is not whole; does nothing to one that is."""
    standing = Making.objects.filter(whole=False).first()
    if standing is not None:
        take_away(Parts(standing.run, told))


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
