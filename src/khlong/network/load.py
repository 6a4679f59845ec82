"""Taking in the programme, organisations and meetings from data files."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import Load, section
from khlong.chain.models import Kind, Node
from khlong.chain.yamlfile import Reader
from khlong.network import actions
from khlong.network.models import Meeting, Organisation, OrganisationKind, Part, Programme
from khlong.places.load import cities_of, facts_of, mark_of, programme_node, source_of


@section(40)
def programme(load: Load) -> None:
    """The programme: the space of all that belongs to no single city."""
    for file in load.files("programme.yaml"):
        reader = file.one("programme")
        if reader is None:
            file.complain("programme", "The file has no programme.", "Begin it with  programme:")
            continue
        (name_th, name_en), (full_th, full_en) = (
            reader.pair("name", required=True),
            reader.pair("full_name", required=True),
        )
        reader.raw("facts")
        values = {
            "slug": reader.text("slug", required=True),
            "name_th": name_th,
            "name_en": name_en,
            "full_name_th": full_th,
            "full_name_en": full_en,
        }
        kept = load.thing(
            Programme,
            Kind.PROGRAMME,
            reader,
            space=None,
            values=values,
            save=actions.save_programme,
            parts=("facts",),
        )
        file.done()
        if kept is not None:
            facts_of(load, reader, kept.node)


@section(50)
def organisations(load: Load) -> None:
    """Organisations and the parts they have."""
    for file in load.files("organisations.yaml"):
        for reader in file.each("organisations"):
            _organisation(load, reader, programme_node(load))
        file.done()


def _organisation(load: Load, reader: Reader, space: Node | None) -> None:
    (name_th, name_en), short, form = (
        reader.pair("name", required=True),
        reader.pair("short"),
        reader.pair("legal_form"),
    )
    reader.raw("facts"), reader.raw("roles")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "short_th": short[0],
        "short_en": short[1],
        "kind": reader.choice("kind", OrganisationKind.values),
        "legal_form_th": form[0],
        "legal_form_en": form[1],
        "url": reader.text("url"),
    }
    kept = load.thing(
        Organisation,
        Kind.ORGANISATION,
        reader,
        space=space,
        values=values,
        save=actions.save_organisation,
        parts=("facts", "roles"),
    )
    if kept is None:
        return
    for order, item in enumerate(reader.each("roles")):
        _part(load, kept, item, order)
    facts_of(load, reader, kept.node)


def _part(load: Load, organisation: Organisation, reader: Reader, order: int) -> None:
    role_th, role_en = reader.pair("role", required=True)
    slug = reader.text("city")
    city = next(iter(cities_of(load, _only_city(reader, slug))), None) if slug else None
    values = {
        "role_th": role_th,
        "role_en": role_en,
        "city": city,
        "source": source_of(load, reader),
        "mark": mark_of(reader),
        "order": order,
    }
    find = lambda: Part.objects.filter(organisation=organisation, role_th=role_th, city=city).first()  # noqa: E731
    save = lambda found: actions.save_part(load.actor, found or Part(organisation=organisation), values)  # noqa: E731
    load.part(f"part:{organisation.ref}:{slug}:{role_th}"[:120], reader, find, save)


def _only_city(reader: Reader, slug: str) -> Reader:
    made = Reader(type(reader.table)({"cities": [slug]}), reader.file, reader.complaints)
    made.table.line, made.table.lines = reader.line("city"), {"cities": reader.line("city")}
    return made


@section(60)
def meetings(load: Load) -> None:
    """Meetings and workshops, with what was said there as facts."""
    for file in load.files("meetings.yaml"):
        for reader in file.each("meetings"):
            _meeting(load, reader, programme_node(load))
        file.done()


def _meeting(load: Load, reader: Reader, space: Node | None) -> None:
    (name_th, name_en), place, text = (
        reader.pair("name", required=True),
        reader.pair("place"),
        reader.pair("text"),
    )
    reader.raw("facts")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "activity": reader.text("activity"),
        "date": reader.span("date", required=True),
        "place_th": place[0],
        "place_en": place[1],
        "text_th": text[0],
        "text_en": text[1],
        "source": source_of(load, reader),
        "mark": mark_of(reader),
    }
    links: dict[str, list[Any]] = {
        "organisers": organisations_of(load, reader, "organisers"),
        "took_part": organisations_of(load, reader, "took_part"),
        "cities": cities_of(load, reader),
    }
    kept = load.thing(
        Meeting,
        Kind.MEETING,
        reader,
        space=space,
        values=values,
        links=links,
        save=actions.save_meeting,
        parts=("facts",),
    )
    if kept is not None:
        facts_of(load, reader, kept.node)


def organisations_of(load: Load, reader: Reader, key: str) -> list[Organisation]:
    found = []
    for ref in reader.words(key):
        organisation = load.existing(Organisation, ref)
        if organisation is None:
            reader.complain(key, f"{key}: there is no organisation {ref}.", "Name one of organisations.yaml.")
        else:
            found.append(organisation)
    return found
