"""Taking in related topics from data files."""

from __future__ import annotations

from khlong.chain.load import Load, section
from khlong.chain.models import Kind
from khlong.chain.yamlfile import Reader
from khlong.journal import actions
from khlong.journal.models import Topic
from khlong.places.load import facts_of, programme_node


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
