"""Taking in events from data files."""

from __future__ import annotations

from khlong.assessment import actions
from khlong.assessment.models import Event, Hazard
from khlong.chain.load import Load, section
from khlong.chain.models import Kind, Node
from khlong.chain.yamlfile import Reader
from khlong.places.load import cities_of, facts_of, programme_node


@section(70)
def events(load: Load) -> None:
    """Events; their figures are facts about them."""
    for file in load.files("events.yaml"):
        for reader in file.each("events"):
            _event(load, reader, programme_node(load))
        file.done()


def _event(load: Load, reader: Reader, space: Node | None) -> None:
    (name_th, name_en), (area_th, area_en) = reader.pair("name", required=True), reader.pair("area")
    reader.raw("facts")
    values = {
        "name_th": name_th,
        "name_en": name_en,
        "hazard": reader.choice("hazard", Hazard.values),
        "date": reader.span("date", undated=True),
        "area_th": area_th,
        "area_en": area_en,
    }
    kept = load.thing(
        Event,
        Kind.EVENT,
        reader,
        space=space,
        values=values,
        links={"cities": cities_of(load, reader)},
        save=actions.save_event,
        parts=("facts",),
    )
    if kept is not None:
        facts_of(load, reader, kept.node)
