"""Cities and published facts with their sources, for programmes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema

from khlong.chain.actions import REF
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models import City, Fact, Source
from khlong.places.queries import seen_facts
from khlong.record.api import ANSWERS, ONE_OR_NONE, Asked, Paged, found, page_of, reader

T = TypeVar("T", bound=Model)
router = Router(tags=["places"])
Slug = Annotated[str, Path(max_length=60, description="the city's address", examples=["phatong"])]


class ByCity(Schema):
    """Of which city things are asked for."""

    city: Annotated[str, Field(max_length=60, description="of one city, by its address or its reference")] = (
        ""
    )


def in_city(rows: QuerySet[T], chosen: ByCity, path: str = "node__space") -> QuerySet[T]:
    """The rows of the city that is asked for; all of them where none is. `path` leads from a row to its space."""
    if not chosen.city:
        return rows
    by_address, by_ref = {f"{path}__city__slug": chosen.city}, {f"{path}__ref": chosen.city.upper()}
    return rows.filter(**by_ref if REF.fullmatch(chosen.city.upper()) else by_address)


def city_of(actor: Actor, typed: str) -> City:
    """The city of an address or a reference, if the actor may see it; Http404 otherwise."""
    seen = scope(actor, City.objects.select_related("node__space"))
    by_ref = REF.fullmatch(typed.upper()) is not None
    return found(seen.filter(**({"node__ref": typed.upper()} if by_ref else {"slug": typed})).first(), typed)


class CityOut(Schema):
    """A city of the programme: a social area, which joins local authorities and is none of them."""

    ref: str
    slug: str
    name_th: str
    name_en: str
    province: str = Field(description="two-digit code of the province (TIS 1099)")
    region: str
    full: bool = Field(description="whether all that was found of it is entered")
    example: bool


class CitiesOut(Paged):
    items: list[CityOut]


class SourceOut(Schema):
    """Who says so."""

    key: str
    publisher_th: str
    publisher_en: str
    url: str
    date: str | None = Field(description="ISO 8601 day, month, year or interval; null is undated")


class FactOut(Schema):
    """What one source says about one thing. Of values that differ none is preferred."""

    ref: str
    about: str = Field(description="the reference of what it is about")
    topic: str
    statement_th: str
    statement_en: str
    value: float | None
    low: float | None
    high: float | None
    qualifier: str
    unit: str | None
    scope_th: str
    time: str | None = Field(description="what time it is true of; ISO 8601")
    date: str | None = Field(description="when it was said; null is undated")
    mark: str = Field(description="A: read in the source, B: second hand")
    source: SourceOut
    example: bool


class FactsOut(Paged):
    items: list[FactOut]


def plain_city(city: City) -> dict[str, Any]:
    return {
        "ref": city.ref,
        "slug": city.slug,
        "name_th": city.name_th,
        "name_en": city.name_en,
        "province": city.province.code,
        "region": city.region,
        "full": city.is_full,
        "example": city.node.is_example,
    }


def plain_source(source: Source) -> dict[str, Any]:
    return {
        "key": source.key,
        "publisher_th": source.publisher_th,
        "publisher_en": source.publisher_en,
        "url": source.url,
        "date": source.date.iso() if source.date else None,
    }


def plain_fact(fact: Fact) -> dict[str, Any]:
    texts = ("statement_th", "statement_en", "qualifier", "scope_th", "mark")
    return {name: getattr(fact, name) for name in texts} | {
        "ref": fact.ref,
        "about": fact.about.ref,
        "topic": fact.topic_id,
        "unit": fact.unit_id,
        "value": _number(fact.value),
        "low": _number(fact.low),
        "high": _number(fact.high),
        "time": fact.time.iso() if fact.time else None,
        "date": fact.date.iso() if fact.date else None,
        "source": plain_source(fact.source),
        "example": fact.node.is_example,
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


@router.get("/cities", response={200: CitiesOut, **ANSWERS}, summary="All cities")
def cities(request: HttpRequest, asked: Asked) -> Any:
    rows = scope(reader(request), City.objects.select_related("node", "province"))
    return page_of(rows.order_by("node__ref"), asked, plain_city)


@router.get("/cities/{slug}", response={200: CityOut, **ONE_OR_NONE}, summary="One city")
def city(request: HttpRequest, slug: Slug) -> Any:
    rows = scope(reader(request), City.objects.select_related("node", "province"))
    return plain_city(found(rows.filter(slug=slug).first(), slug))


class ChosenFacts(Schema):
    """Which facts are asked for."""

    city: Annotated[str, Field(max_length=60, description="of one city, by its address")] = ""
    about: Annotated[str, Field(max_length=24, description="about one thing, by its reference")] = ""
    topic: Annotated[str, Field(max_length=60, description="of one topic of the vocabulary")] = ""


@router.get("/facts", response={200: FactsOut, **ANSWERS}, summary="Facts with their sources")
def facts(request: HttpRequest, asked: Asked, chosen: Annotated[ChosenFacts, Query()]) -> Any:
    rows = seen_facts(reader(request)).order_by("node__ref")
    if chosen.city:
        rows = rows.filter(node__space__city__slug=chosen.city)
    if chosen.about:
        rows = rows.filter(about__ref=chosen.about.upper())
    if chosen.topic:
        rows = rows.filter(topic_id=chosen.topic)
    return page_of(rows, asked, plain_fact)
