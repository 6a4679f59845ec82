"""Taking in sources, words, cities, canals and facts from data files."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from khlong.chain.load import Load, section
from khlong.chain.models import Kind, Node
from khlong.chain.yamlfile import Reader, choose
from khlong.places import actions
from khlong.places.models import (
    Authority,
    AuthorityKind,
    Canal,
    City,
    Community,
    Fact,
    FactTopic,
    Gauge,
    Group,
    Mark,
    Province,
    Qualifier,
    Region,
    Source,
    Unit,
    Zone,
)
from khlong.places.models.cities import FormerName
from khlong.places.reference import load_reference


@section(10)
def reference(load: Load) -> None:
    """Provinces, districts and subdistricts from the geothai package."""
    load.report.added.update({name: count for name, count in load_reference().items() if count})


@section(20)
def vocabulary(load: Load) -> None:
    """Topics and units."""
    for reader in load.files("vocabulary.yaml"):
        for key, model in (("topics", FactTopic), ("units", Unit)):
            standing: dict[Any, Any] = model.objects.in_bulk()
            for name, item in reader.named(key):
                _word(load, model, name, item, standing.get(name))
        reader.done()


def _word(load: Load, model: Any, name: str, reader: Reader, standing: Any) -> None:
    th, en = reader.text("th", required=True), reader.text("en", required=True)
    values = {"label_th": th, "label_en": en}

    def save(found: Any) -> Any:
        return actions.save_word(load.actor, found or model(key=name), values)

    load.part(f"{model.__name__.lower()}:{name}", reader, lambda: standing, save)


@section(20)
def sources(load: Load) -> None:
    """Publishers, addresses and dates."""
    standing = Source.objects.in_bulk()
    for reader in load.files("sources.yaml"):
        for key, item in reader.named("sources"):
            _source(load, key, item, standing.get(key))
        reader.done()


def _source(load: Load, key: str, reader: Reader, standing: Source | None) -> None:
    publisher, title, note = (
        reader.pair("publisher", required=True),
        reader.pair("title"),
        reader.pair("note"),
    )
    if not reader.has("date"):
        reader.complain(
            "date", f"source {key} has no date.", "Write the date that it shows, or  date: undated"
        )
    values = {
        "publisher_th": publisher[0],
        "publisher_en": publisher[1],
        "title_th": title[0],
        "title_en": title[1],
        "url": reader.text("url"),
        "date": reader.span("date", undated=True),
        "licence": reader.text("licence"),
        "note_th": note[0],
        "note_en": note[1],
    }
    load.part(
        f"source:{key}",
        reader,
        lambda: standing,
        lambda found: actions.save_source(load.actor, cast(Source | None, found) or Source(key=key), values),
    )


def known_sources(load: Load) -> dict[str, Source]:
    """All sources, read once a run."""
    cache: dict[str, Source] | None = getattr(load, "sources", None)
    if cache is None:
        cache = Source.objects.in_bulk()
        load.sources = cache  # type: ignore[attr-defined]
    return cache


def source_of(load: Load, reader: Reader) -> Source | None:
    """The source that an item names, or a complaint."""
    key = reader.text("source")
    if not key:
        reader.complain(
            "source",
            "There is no source.",
            "Add  source: KEY  with a key of sources.yaml; what has no source is not loaded.",
        )
        return None
    found = known_sources(load).get(key)
    if found is None:
        reader.complain(
            "source",
            f"The source {key} is not in sources.yaml.",
            "Add it there with its publisher, address and date.",
        )
    return found


def mark_of(reader: Reader) -> str:
    return reader.choice("mark", {mark.value for mark in Mark})


@section(30)
def cities(load: Load) -> None:
    """Cities with their authorities, groups, communities and facts."""
    for reader in load.files("cities/*.yaml"):
        inner = reader.one("city")
        if inner is None:
            reader.complain("city", "The file has no city.", "Begin it with  city:")
            continue
        city = _city(load, inner)
        if city is None:
            continue
        for order, item in enumerate(reader.each("groups")):
            _group(load, city, item, order)
        for item in reader.each("communities"):
            _community(load, city, item)
        facts_of(load, reader, city.node)


def _city(load: Load, reader: Reader) -> City | None:
    province = Province.objects.filter(code=reader.text("province", required=True)).first()
    if province is None:
        reader.complain(
            "province",
            f"There is no province {reader.text('province')!r}.",
            'Write its two-digit code in quotes, such as "90".',
        )
        return None
    (name_th, name_en), (basin_th, basin_en) = reader.pair("name", required=True), reader.pair("basin")
    authorities = [_authority(load, item, province) for item in reader.each("authorities")]
    source = source_of(load, reader)
    position = reader.one("position")
    values = {
        **dict(zip(("lon", "lat"), _position(position), strict=True)),
        "slug": reader.text("slug", required=True),
        "name_th": name_th,
        "name_en": name_en,
        "region": reader.choice("region", Region.values),
        "is_full": reader.flag("full"),
        "province": province,
        "basin_th": basin_th,
        "basin_en": basin_en,
        "source": source,
        "mark": mark_of(reader),
    }
    links = {
        "districts": _codes(reader, "districts", City.districts.field.related_model),
        "tambons": _codes(reader, "tambons", City.tambons.field.related_model),
        "authorities": [found for found in authorities if found is not None],
    }
    return load.thing(City, Kind.CITY, reader, space=None, values=values, links=links, save=actions.save_city)


def _position(reader: Reader | None) -> tuple[float | None, float | None]:
    """Longitude and latitude of a city's mark on the map, in degrees; nothing where none is written."""
    if reader is None:
        return None, None
    lon, lat = reader.number("lon"), reader.number("lat")
    return (None if lon is None else float(lon)), (None if lat is None else float(lat))


def _codes(reader: Reader, key: str, model: Any) -> list[Any]:
    codes = reader.words(key)
    found = model.objects.in_bulk(codes)
    for code in codes:
        if code not in found:
            reader.complain(
                key,
                f"{key}: there is no code {code}.",
                "The codes are those of the Department of Provincial Administration.",
            )
    return list(found.values())


def _authority(load: Load, reader: Reader, province: Province) -> Authority | None:
    (name_th, name_en), short = reader.pair("name", required=True), reader.pair("short")
    values = {
        "source": source_of(load, reader),
        "mark": mark_of(reader),
        "kind": reader.choice("kind", AuthorityKind.values),
        "name_th": name_th,
        "name_en": name_en,
        "short_th": short[0],
        "short_en": short[1],
    }
    find = lambda: Authority.objects.filter(name_th=name_th, province=province).first()  # noqa: E731
    save = lambda found: actions.save_authority(load.actor, found or Authority(province=province), values)  # noqa: E731
    kept: Authority | None = load.part(f"authority:{province.code}:{name_th}"[:120], reader, find, save)
    return kept


def _group(load: Load, city: City, reader: Reader, order: int) -> None:
    name_th, name_en = reader.pair("name", required=True)
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "words_of_source": reader.text("words_of_source"),
        "source": source_of(load, reader),
        "mark": mark_of(reader),
        "order": order,
        "former": [row for item in reader.each("former") if (row := _former(item))],
    }
    find = lambda: Group.objects.filter(city=city, name_th=name_th).first()  # noqa: E731
    save = lambda found: actions.save_group(load.actor, found or Group(city=city), values)  # noqa: E731
    load.part(f"group:{city.ref}:{name_th}"[:120], reader, find, save)


def _former(reader: Reader) -> dict[str, str] | None:
    """What a group was called until a day."""
    (th, en), until = reader.pair("name", required=True), reader.span("until", required=True)
    reader.done()
    return FormerName(th, en, until.end).plain() if until and th else None


def _community(load: Load, city: City, reader: Reader) -> None:
    name_th, name_en = reader.pair("name", required=True)
    zones, _facts = reader.raw("zones"), reader.raw("facts")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "city": city,
        "valid_from": reader.span("valid_from"),
        "valid_to": reader.span("valid_to"),
        "source": source_of(load, reader),
        "mark": mark_of(reader),
    }
    community = load.thing(
        Community,
        Kind.COMMUNITY,
        reader,
        space=city.node,
        values=values,
        save=actions.save_community,
        parts=("zones", "facts"),
    )
    if community is None:
        return
    for item in reader.each("zones") if zones else ():
        _zone(load, community, item)
    facts_of(load, reader, community.node)


def _zone(load: Load, community: Community, reader: Reader) -> None:
    name_th, name_en = reader.pair("name", required=True)
    start = reader.span("valid_from")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "valid_from": start,
        "valid_to": reader.span("valid_to"),
        "source": source_of(load, reader),
        "mark": mark_of(reader),
    }
    find = lambda: Zone.objects.filter(community=community, name_th=name_th, valid_from=start).first()  # noqa: E731
    save = lambda found: actions.save_zone(load.actor, found or Zone(community=community), values)  # noqa: E731
    load.part(f"zone:{community.ref}:{name_th}:{start.iso() if start else ''}"[:120], reader, find, save)


@section(45)
def basin(load: Load) -> None:
    """Canals, what they flow into, and the stations on them. Runs after the programme, their space."""
    for reader in load.files("basin.yaml"):
        space = programme_node(load)
        for item in reader.each("canals"):
            _canal(load, item, space)
        for item in reader.each("gauges"):
            _gauge(load, item, space)
        reader.done()


def programme_node(load: Load) -> Node | None:
    """The node of the programme of the files; what belongs to no single city belongs to it."""
    return next((node for node in load.nodes.values() if node.kind == Kind.PROGRAMME), None)


def cities_of(load: Load, reader: Reader) -> list[City]:
    """The cities that an item names by their addresses."""
    slugs = reader.words("cities")
    known: dict[str, City] | None = getattr(load, "cities", None)
    if known is None:
        known = {city.slug: city for city in City.objects.select_related("node")}
        load.cities = known  # type: ignore[attr-defined]
    for slug in slugs:
        if slug not in known:
            reader.complain(
                "cities", f"There is no city {slug!r}.", f"Choose from: {', '.join(sorted(known))}."
            )
    return [known[slug] for slug in slugs if slug in known]


def _canal(load: Load, reader: Reader, space: Node | None) -> None:
    name_th, name_en = reader.pair("name", required=True)
    values: dict[str, Any] = {"name_th": name_th, "name_en": name_en}
    values |= _flows_into(load, reader)
    reader.raw("facts")
    canal = load.thing(
        Canal,
        Kind.CANAL,
        reader,
        space=space,
        values=values,
        links={"cities": cities_of(load, reader)},
        save=actions.save_canal,
        parts=("facts",),
    )
    if canal is not None:
        facts_of(load, reader, canal.node)


def _flows_into(load: Load, reader: Reader) -> dict[str, Any]:
    raw = reader.raw("flows_into")
    if isinstance(raw, str) and raw.startswith("K-"):
        below = load.existing(Canal, raw)
        if below is None:
            reader.complain(
                "flows_into",
                f"The canal {raw} does not stand above this one.",
                "Put a canal after the one it flows into.",
            )
        return {"flows_into": below, "flows_into_th": "", "flows_into_en": ""}
    th, en = reader.pair("flows_into")
    return {"flows_into": None, "flows_into_th": th, "flows_into_en": en}


def _gauge(load: Load, reader: Reader, space: Node | None) -> None:
    name_th, name_en = reader.pair("name", required=True)
    canal_ref = reader.text("canal")
    canal = load.existing(Canal, canal_ref) if canal_ref else None
    if canal_ref and canal is None:
        reader.complain("canal", f"There is no canal {canal_ref}.", "Name one that stands in this file.")
    reader.raw("facts")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "code": reader.text("code", required=True),
        "canal": canal,
    }
    gauge = load.thing(
        Gauge, Kind.GAUGE, reader, space=space, values=values, save=actions.save_gauge, parts=("facts",)
    )
    if gauge is not None:
        facts_of(load, reader, gauge.node)


def facts_of(load: Load, reader: Reader, about: Node) -> None:
    """The facts that stand under an item."""
    for order, item in enumerate(reader.each("facts"), start=1):
        _fact(load, item, about, order)


def _fact(load: Load, reader: Reader, about: Node, order: int) -> None:
    (statement, scope), (reporter, note) = (
        (reader.pair("statement"), reader.pair("scope")),
        (reader.pair("reporter"), reader.pair("source_note")),
    )
    values = {
        "about": about,
        "topic": _known_word(load, FactTopic, reader, "topic"),
        "statement_th": statement[0],
        "statement_en": statement[1],
        "is_quote": reader.flag("quote"),
        "value": reader.number("figure"),
        "low": reader.number("low"),
        "high": reader.number("high"),
        "qualifier": reader.choice("qualifier", Qualifier.values, required=False),
        "unit": _unit(load, reader),
        "scope_th": scope[0],
        "scope_en": scope[1],
        "time": reader.span("time"),
        "reporter_th": reporter[0],
        "reporter_en": reporter[1],
        "source": source_of(load, reader),
        "source_note_th": note[0],
        "source_note_en": note[1],
        "mark": mark_of(reader),
        "order": order,
    }
    load.thing(
        Fact,
        Kind.FACT,
        reader,
        space=about.space,
        values=values,
        save=actions.save_fact,
        make=partial(_unsaved_fact, about),
    )


def _unsaved_fact(about: Node, ref: str) -> Fact:
    return actions.new_fact(about, ref=ref)


def _unit(load: Load, reader: Reader) -> Unit | None:
    has_figure = any(reader.has(key) for key in ("figure", "low", "high"))
    if has_figure and not reader.has("unit"):
        reader.complain(
            "figure",
            "This figure has no unit.",
            "Add  unit: KEY  with a key of vocabulary.yaml, such as people or km2.",
        )
    if has_figure and reader.has("statement"):
        reader.complain(
            "statement",
            "This is a statement and a figure at once.",
            "Make two facts of it; they can stand side by side.",
        )
    found: Unit | None = _known_word(load, Unit, reader, "unit", required=False)
    return found


def _known_word(load: Load, model: Any, reader: Reader, key: str, *, required: bool = True) -> Any:
    cache: dict[Any, Any] = load.__dict__.setdefault("words", {})
    known = cache.setdefault(model, None) or cache.update({model: model.objects.in_bulk()}) or cache[model]
    text = reader.text(key, required=required)
    if text and text not in known:
        reader.complain(key, f"{key}: {text!r} is not in vocabulary.yaml.", choose(text, known))
    return known.get(text)
