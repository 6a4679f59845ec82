"""Taking in reports and related topics from data files."""

from __future__ import annotations

from typing import Any

from khlong.chain.load import Load, section
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.chain.yamlfile import Reader
from khlong.journal import actions, similar
from khlong.journal.models import Report, Topic
from khlong.network.load import organisations_of
from khlong.network.models import Meeting
from khlong.places.load import cities_of, facts_of, programme_node
from khlong.places.models import City


@section(90)
def topics(load: Load) -> None:
    """Related topics; what is known of each are facts about it."""
    for file in load.files("topics.yaml"):
        for reader in file.each("topics"):
            _topic(load, reader)
        file.done()


def _topic(load: Load, reader: Reader) -> None:
    name_th, name_en = reader.pair("name", required=True)
    reader.raw("facts")
    kept = load.thing(
        Topic,
        Kind.TOPIC,
        reader,
        space=programme_node(load),
        values={"name_th": name_th, "name_en": name_en, "order": reader.integer("order") or 0},
        save=actions.save_topic,
        parts=("facts",),
    )
    if kept is not None:
        facts_of(load, reader, kept.node)


@section(92)
def reports(load: Load) -> None:
    """Reports, without photos: a file of words holds no pictures."""
    by_hand: list[tuple[Reader, Report, list[str]]] = []
    for file in load.files("reports.yaml"):
        for reader in file.each("reports"):
            _report(load, reader, by_hand)
        file.done()
    if load.report.changed:
        similar.compare_all()
    for reader, report, refs in by_hand:
        _related(load, reader, report, refs)


def _report(load: Load, reader: Reader, by_hand: list[tuple[Reader, Report, list[str]]]) -> None:
    (name_th, name_en), place, text = (
        reader.pair("name", required=True),
        reader.pair("place"),
        reader.pair("text", required=True),
    )
    related = reader.words("related")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "date": reader.span("date", required=True),
        "place_th": place[0],
        "place_en": place[1],
        "text_th": text[0],
        "text_en": text[1],
        "source_url": reader.text("url"),
        "meeting": _meeting(load, reader),
    }
    links: dict[str, list[Any]] = {
        "organisers": organisations_of(load, reader, "organisers"),
        "cities": cities_of(load, reader),
    }
    space = _space(load, reader)
    kept = load.thing(
        Report,
        Kind.REPORT,
        reader,
        space=space,
        values=values,
        links=links,
        save=actions.save_report,
        make=lambda ref: new_thing(Report, Kind.REPORT, space=space, ref=ref, visibility=Visibility.PUBLIC),
    )
    if kept is not None and (kept.ref in load.report.changed):
        by_hand.append((reader, kept, related))


def _space(load: Load, reader: Reader) -> Node | None:
    """The city whose working group wrote the report, or the programme."""
    slug = reader.text("city")
    if not slug:
        return programme_node(load)
    city = City.objects.select_related("node").filter(slug=slug).first()
    if city is None:
        reader.complain("city", f"There is no city {slug!r}.", "Name one of the files in cities/.")
    return city.node if city else None


def _meeting(load: Load, reader: Reader) -> Meeting | None:
    ref = reader.text("meeting")
    found = load.existing(Meeting, ref) if ref else None
    if ref and found is None:
        reader.complain("meeting", f"There is no meeting {ref}.", "Name one of meetings.yaml.")
    return found


def _related(load: Load, reader: Reader, report: Report, refs: list[str]) -> None:
    for ref in refs:
        if ref not in load.nodes or load.nodes[ref].kind not in similar.KINDS:
            reader.complain("related", f"There is no report or topic {ref}.", "Name one of the files.")
            return
    actions.set_related(load.actor, report, [load.nodes[ref] for ref in refs])
