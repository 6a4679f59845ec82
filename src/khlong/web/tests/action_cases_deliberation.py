"""Every action of the rounds of review, how it is called, and who may."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from khlong.deliberation import afterwards, circles, erasing, receipts, rounds, suggesting
from khlong.deliberation.models import Agreement, Circle, Origin, Suggestion
from khlong.people import keys
from khlong.people.actor import Actor, link_actor
from khlong.people.pseudonyms import contributing
from khlong.privacy.models import ConsentText
from khlong.strategy.models import Plan
from khlong.web.tests.action_cases import EVERYBODY, OWNERS, WRITERS, again, case
from khlong.web.tests.world import World
from khlong.web.tests.world_deliberation import round_values, said_at, words_of


def heard(**more: Any) -> suggesting.Heard:
    text = ConsentText.objects.get(space=None, purpose="plan", version=1)
    values: dict[str, Any] = {"origin": Origin.PAPER, "site": "ศาลากลางบ้าน", "sheet": "12", "consent": text}
    return suggesting.Heard(**values | {"day": timezone.localdate()} | more)


def nameless(actor: Actor, world: World) -> Actor:
    """The same, known by a pseudonym only."""
    return contributing(actor, world.space.pk, keys.new_subject())


def somebody_else(actor: Actor) -> Actor:
    """The same under a pseudonym under which nothing was said."""
    return actor.but(label="หิ่งห้อย-1000", contributes=True)


@case("deliberation.round.save", "open", WRITERS)
def _(world: World, actor: Actor) -> Any:
    plan = Plan.objects.select_related("node__space").get(pk=world.plan.pk)
    return rounds.save_round(actor, rounds.new_round(plan), round_values(world.version))


@case("deliberation.round.save", "change", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return rounds.save_round(actor, again(world.talk.round), {"name_th": "รับฟังรอบสอง"})


@case("deliberation.round.end", "today", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return rounds.end_round(actor, again(world.talk.round))


@case("deliberation.circle.save", "add", WRITERS)
def _(world: World, actor: Actor) -> Any:
    made = Circle(round=again(world.talk.round))
    return circles.save_circle(actor, made, {"name_th": "แรงงานข้ามชาติ", "binds": True})


@case("deliberation.circle.link", "anew", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return circles.make_link(actor, again(world.talk.circle))


@case("deliberation.circle.withdraw", "one that works", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return circles.withdraw_link(actor, again(world.talk.circle))


@case("deliberation.suggestion.make", "in a round that is open to all", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    said = said_at(world.below)
    return suggesting.make_suggestion(nameless(actor, world), again(world.talk.round), said, key="a")


@case("deliberation.suggestion.make", "in a round for circles, without a link", WRITERS)
def _(world: World, actor: Actor) -> Any:
    only = again(world.talk.round)
    only.open_to_all = False
    return suggesting.make_suggestion(actor, only, said_at(world.below), key="b")


@case("deliberation.suggestion.make", "in a round for circles, with the link of a circle", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    circle = again(world.talk.circle)
    circle.round.open_to_all = False
    holder = nameless(link_actor(actor, str(circle.digest), circle.name), world)
    return suggesting.make_suggestion(holder, circle.round, said_at(world.below), key="c", circle=circle)


@case("deliberation.suggestion.make", "with a link that was withdrawn", WRITERS - {"system"})
def _(world: World, actor: Actor) -> Any:
    circle = again(world.talk.circle)
    circle.withdrawn_on = timezone.localdate()
    holder = link_actor(actor, str(circle.digest), circle.name)
    return suggesting.make_suggestion(holder, circle.round, said_at(world.below), key="d", circle=circle)


@case("deliberation.suggestion.note", "from paper", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return suggesting.note_suggestion(actor, again(world.talk.round), said_at(world.below), heard(), key="e")


@case("deliberation.suggestion.agree", "under a pseudonym", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    return afterwards.agree(nameless(actor, world), again(world.talk.suggestion))


@case("deliberation.suggestion.hide", "with a reason", OWNERS)
def _(world: World, actor: Actor) -> Any:
    return afterwards.hide(actor, again(world.talk.suggestion), "ด่าคนชื่อหนึ่ง")


@case("deliberation.suggestion.show", "one that was hidden", OWNERS)
def _(world: World, actor: Actor) -> Any:
    hidden = again(world.talk.suggestion)
    hidden.hidden_on = timezone.localdate()
    return afterwards.show(actor, hidden)


@case("deliberation.anchor.decide", "by the working group", WRITERS)
def _(world: World, actor: Actor) -> Any:
    return afterwards.decide_anchor(actor, again(world.talk.suggestion), words_of(world.below), None)


@case("deliberation.anchor.decide", "by who shows the receipt", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    found = receipts.find(world.talk.code)
    assert found is not None
    anchor = suggesting.Anchor.whole(words_of(world.below))
    return afterwards.decide_anchor(receipts.holder(actor, found), found, words_of(world.below), anchor)


@case("deliberation.suggestion.take_back", "by who bears its pseudonym", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    known, standing = nameless(actor, world), again(world.talk.suggestion)
    Suggestion.objects.filter(pk=standing.pk).update(by=known.label)
    return erasing.take_back_suggestion(known, again(standing))


@case("deliberation.suggestion.take_back", "of somebody else", frozenset({"system"}))
def _(world: World, actor: Actor) -> Any:
    return erasing.take_back_suggestion(somebody_else(actor), again(world.talk.suggestion))


@case("deliberation.suggestion.disagree", "by who agreed", EVERYBODY)
def _(world: World, actor: Actor) -> Any:
    known = nameless(actor, world)
    made = afterwards.agree(known, again(world.talk.suggestion))
    assert made is not None
    return erasing.take_back_agreement(known, made)


@case("deliberation.suggestion.disagree", "of somebody else", frozenset({"system"}))
def _(world: World, actor: Actor) -> Any:
    made = Agreement(suggestion=again(world.talk.suggestion), mark="m" * 64)
    return erasing.take_back_agreement(somebody_else(actor), made)
