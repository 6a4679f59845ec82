"""Taking in the programme, organisations and meetings from data files."""

from __future__ import annotations

from typing import Any, TypeVar

from khlong.chain.load import LOADER, Load, section
from khlong.chain.models import Kind, Node, Thing
from khlong.chain.yamlfile import Reader
from khlong.network import actions
from khlong.network.counts import is_few
from khlong.network.meeting_models import PARTS, Presence
from khlong.network.minutes import save_attendance
from khlong.network.models import (
    Attendance,
    Meeting,
    Organisation,
    OrganisationKind,
    Part,
    Programme,
    WorkGroup,
)
from khlong.network.work import save_work_group
from khlong.places.load import cities_of, facts_of, mark_of, programme_node, source_of
from khlong.places.models import Group

T = TypeVar("T", bound=Thing)


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
        reader.raw("facts"), reader.raw("cities")
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
            parts=("facts", "cities"),
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


@section(55)
def cities_of_programme(load: Load) -> None:
    """Which cities work under the programme; the cities are taken in after it."""
    for file in load.files("programme.yaml"):
        reader = file.one("programme")
        standing = Programme.objects.filter(node__ref=reader.text("ref")).first() if reader else None
        if reader is None or standing is None or not reader.has("cities"):
            continue
        links = {"cities": cities_of(load, reader)}
        if not reader.is_bad and load.last_by(standing) == LOADER:
            actions.save_programme(load.actor, standing, {}, links=links)


@section(58)
def work_groups(load: Load) -> None:
    """Working groups, called what they call themselves."""
    for file in load.files("working_groups.yaml"):
        for reader in file.each("working_groups"):
            _work_group(load, reader)
        file.done()


def _work_group(load: Load, reader: Reader) -> None:
    (name_th, name_en), purpose = reader.pair("name", required=True), reader.pair("purpose")
    slug = reader.text("city")
    city = next(iter(cities_of(load, _only_city(reader, slug))), None) if slug else None
    values = {"name_th": name_th, "name_en": name_en, "purpose_th": purpose[0], "purpose_en": purpose[1]}
    load.thing(
        WorkGroup,
        Kind.WORKGROUP,
        reader,
        space=city.node if city else programme_node(load),
        values=values,
        links={"organisations": organisations_of(load, reader, "organisations")},
        save=save_work_group,
    )


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
    reader.raw("facts"), reader.raw("attendance")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "activity": reader.text("activity"),
        "date": reader.span("date", required=True),
        "place_th": place[0],
        "place_en": place[1],
        "text_th": text[0],
        "text_en": text[1],
        "work_group": _one(load, reader, WorkGroup, "working_group"),
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
        parts=("facts", "attendance"),
    )
    if kept is None:
        return
    for item in reader.each("attendance"):
        _attendance(load, kept, item)
    facts_of(load, reader, kept.node)


def _one(load: Load, reader: Reader, model: type[T], key: str) -> T | None:
    """The one thing whose reference stands there, or a complaint."""
    ref = reader.text(key)
    found = load.existing(model, ref) if ref else None
    if ref and found is None:
        reader.complain(key, f"{key}: there is nothing called {ref}.", "Name one that stands in the files.")
    return found


def _attendance(load: Load, meeting: Meeting, reader: Reader) -> None:
    """One line of who was there: a group of a city, an organisation, or others."""
    group, others = _group(load, reader), reader.pair("others")
    body = _one(load, reader, Organisation, "organisation")
    values: dict[str, Any] = {
        "group": group,
        "organisation": body,
        "others_th": others[0],
        "others_en": others[1],
        "presence": reader.choice("presence", Presence.values, required=False, default="came"),
        "reason": reader.text("reason"),
        **{name: _number(reader, name) for name in ("invited", "attended", *PARTS)},
    }
    who = group.pk if group else body.ref if body else others[0]
    same = {"group": group, "organisation": body, "others_th": others[0]}
    find = lambda: Attendance.objects.filter(meeting=meeting, **same).first()  # noqa: E731
    save = lambda found: save_attendance(load.actor, found or Attendance(meeting=meeting), values)  # noqa: E731
    load.part(f"attendance:{meeting.ref}:{who}"[:120], reader, find, save)


def _group(load: Load, reader: Reader) -> Group | None:
    inner = reader.one("group") if reader.has("group") else None
    if inner is None:
        return None
    slug, name = inner.text("city", required=True), inner.text("name", required=True)
    found = Group.objects.filter(city__slug=slug, name_th=name).first()
    if found is None:
        words = f"group: {slug} names no group {name}."
        reader.complain("group", words, "Name one of the groups in the file of that city.")
    return found


def _number(reader: Reader, name: str) -> int | None:
    number = reader.integer(name)
    if is_few(number):
        words = f"{name}: a number under five is not published."
        reader.complain(name, words, "Leave it out: it then reads number unknown.")
    return number


def organisations_of(load: Load, reader: Reader, key: str) -> list[Organisation]:
    found = []
    for ref in reader.words(key):
        organisation = load.existing(Organisation, ref)
        if organisation is None:
            reader.complain(key, f"{key}: there is no organisation {ref}.", "Name one of organisations.yaml.")
        else:
            found.append(organisation)
    return found
