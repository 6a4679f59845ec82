"""What people do with places and facts. Pages, the loader and the command line call these and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.db import models, transaction
from django.utils import timezone

from khlong.chain.models import Kind, Node, RefCounter, Thing, Visibility
from khlong.chain.search import index
from khlong.chain.things import Values, hold, keep_thing, new_thing, set_visibility
from khlong.people.actor import Actor
from khlong.people.policy import Verb
from khlong.places.models import (
    Authority,
    Canal,
    City,
    Community,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Source,
    Unit,
    Zone,
)
from khlong.places.models.cities import FormerName
from khlong.record.actions import Act, action, changed_fields
from khlong.record.limits import EDITS

M = TypeVar("M", bound=models.Model)
W = TypeVar("W", FactTopic, Unit)
Links = Mapping[str, Iterable[models.Model]]


def new_fact(about: Node, *, ref: str = "", space: Node | None = None) -> Fact:
    """An unsaved fact about a node; it belongs to that node's city or programme, and is shown to no more
    people than the node is.
    """
    own = about if about.space_id == about.pk else about.space
    fact = new_thing(Fact, Kind.FACT, space=space or own, ref=ref)
    fact.about = about
    fact.node.is_example, fact.node.visibility = about.is_example, about.visibility
    return fact


@action("places.fact.save", limit=EDITS)
def save_fact(act: Act, fact: Fact, values: Values, *, base: int | None = None, why: str = "") -> Fact:
    """Add a fact made by `new_fact`, or correct one. Raises Refused, ValidationError, EditConflict."""
    if fact.node._state.adding:
        fact.entered_by = act.actor.label
    return keep_thing(act, fact, values, base=base, why=why)


def save_fact_with_source(
    actor: Actor,
    fact: Fact,
    values: Values,
    *,
    new_source: Source | None = None,
    base: int | None = None,
    why: str = "",
) -> Fact:
    """Add or correct a fact together with a source that was not known before; both or neither."""
    with transaction.atomic():
        if new_source is not None:
            given = {"publisher_th": new_source.publisher_th, "url": new_source.url, "date": new_source.date}
            values = {**values, "source": save_source(actor, Source(key=next_source_key()), given)}
        return save_fact(actor, fact, values, base=base, why=why)


@action("places.fact.withdraw")
def withdraw_fact(act: Act, fact: Fact) -> None:
    """Show a fact to the working group only; its history stays, and so do links to it."""
    set_visibility(act, fact, Visibility.MEMBERS)


@action("places.fact.publish")
def publish_fact(act: Act, fact: Fact) -> None:
    """Show a fact to everybody."""
    set_visibility(act, fact, Visibility.PUBLIC)


@action("places.city.save")
def save_city(
    act: Act,
    city: City,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> City:
    """Add or change a city. Raises Refused, ValidationError, EditConflict."""
    kept = keep_thing(act, city, values, links=links, base=base, why=why)
    _keep_lines(kept)
    return kept


def _keep_lines(city: City) -> None:
    """Write the lines of a city's head, so that its page need not ask for districts and authorities."""
    districts, authorities = (
        list(city.districts.order_by("code")),
        list(city.authorities.order_by("sort_key")),
    )
    lines = {
        "where_th": " ".join([*(f"อำเภอ{d.name_th}" for d in districts), f"จังหวัด{city.province.name_th}"]),
        "where_en": ", ".join(
            [*(f"{d.name_en} district" for d in districts), f"{city.province.name_en} province"]
        ),
        "joins_th": "\n".join(a.short_th or a.name_th for a in authorities),
        "joins_en": "\n".join(a.short_en or a.name_en or a.short_th or a.name_th for a in authorities),
    }
    moved = changed_fields(city, lines)
    if moved:
        City.objects.filter(pk=city.pk).update(**{name: lines[name] for name in moved})
        index(city.pk)


@action("places.community.save", limit=EDITS)
def save_community(
    act: Act, community: Community, values: Values, *, base: int | None = None, why: str = ""
) -> Community:
    """Add or change a community. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, community, values, base=base, why=why)


@action("places.canal.save")
def save_canal(
    act: Act,
    canal: Canal,
    values: Values,
    *,
    links: Links | None = None,
    base: int | None = None,
    why: str = "",
) -> Canal:
    """Add or change a canal. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, canal, values, links=links, base=base, why=why)


@action("places.gauge.save")
def save_gauge(act: Act, gauge: Gauge, values: Values, *, base: int | None = None, why: str = "") -> Gauge:
    """Add or change a station. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, gauge, values, base=base, why=why)


def keep_part(act: Act, part: M, values: Values, *, of: models.Model | None = None, ref: str = "") -> M:
    """Add or change a row that has no node of its own; `of` is the thing whose rights it follows."""
    adding = part._state.adding
    act.require(Verb.ADD if adding and of is None else Verb.CHANGE, of or part)
    changed = changed_fields(part, dict(values))
    if not changed and not adding:
        act.nothing()
        return part
    part.full_clean()
    part.save(force_insert=adding)
    if isinstance(of, Thing):
        index(of.pk)
    act.note(part, fields=changed, ref=ref or getattr(of, "ref", ""), space=getattr(of, "space_id", None))
    return part


@action("places.source.save", limit=EDITS)
def save_source(act: Act, source: Source, values: Values) -> Source:
    """Add a source, or (a steward) change one. Raises Refused, ValidationError."""
    return keep_part(act, source, values, ref=source.key)


@action("places.word.save", limit=EDITS)
def save_word(act: Act, word: W, values: Values) -> W:
    """Add or change a topic or a unit of the vocabulary. Raises Refused, ValidationError."""
    return keep_part(act, word, values, ref=word.key)


@action("places.authority.save")
def save_authority(act: Act, authority: Authority, values: Values) -> Authority:
    """Add or change a local authority. Raises Refused, ValidationError."""
    kept = keep_part(act, authority, values)
    for city in kept.cities.select_related("province"):
        _keep_lines(city)
    return kept


@action("places.zone.save", limit=EDITS)
def save_zone(act: Act, zone: Zone, values: Values) -> Zone:
    """Add or change a zone of a community. Raises Refused, ValidationError."""
    return keep_part(act, zone, values, of=zone.community)


@action("places.group.save", limit=EDITS)
def save_group(act: Act, group: Group, values: Values) -> Group:
    """Add or change a group that a city names as its members; a name that it had before is kept with the day
    until which it stood. Raises Refused, ValidationError.
    """
    if not group._state.adding and values.get("name_th", group.name_th) != group.name_th:
        old = FormerName(group.name_th, group.name_en, timezone.localdate())
        values = {"former": [*group.former, old.plain()], **values}
    return keep_part(act, group, values, of=group.city)


def next_source_key() -> str:
    """A free key for a source entered in the browser: N0001, N0002, …; must run inside a transaction, which
    then holds the number until it ends.
    """
    hold(RefCounter.objects.get_or_create(prefix="N")[0])
    last = (
        Source.objects.filter(key__regex=r"^N\d{4}$").order_by("-key").values_list("key", flat=True).first()
    )
    return f"N{int(last[1:]) + 1 if last else 1:04d}"
