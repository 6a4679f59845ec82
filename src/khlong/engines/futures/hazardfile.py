"""The three ways in which a model file says what may happen: events, a ladder of maps, what people remember.

::

    events: {event: [0, 0, 1], place: [0, 1, 0], intensity: [300, 50, 900], frequency: [0.2, 0.02]}
    ladder: {rule: log-linear, begins: 2, rungs: [{every: 5, intensity: {mouth: 20 cm}}, {every: 50, ...}]}
    memory:
      ordinary: {every: 2, intensity: {mouth: 15 cm}}
      bad: {every: 10, intensity: {...}}
      worst: {remembered: 60, intensity: {...}}

Intensities of events are whole steps of the hazard's unit; those of maps carry their unit. `every` and `begins` are
years. The integration rule is kept in the hazard and printed with every number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.hazards import (
    About,
    Ladder,
    Memory,
    Plotting,
    from_cells,
    from_ladder,
    from_memory,
)
from khlong.engines.futures.model import Hazard, Name
from khlong.engines.futures.reading import STEPS, Place, known, refuse

if TYPE_CHECKING:
    from khlong.engines.futures.model import Floats

WAYS = ("events", "ladder", "memory")
REMEMBERED = ("ordinary", "bad", "worst")
COLUMNS = ("event", "place", "intensity", "frequency")
UNITS = tuple(STEPS)
ByPlace = Callable[[Place, Callable[[Place], float]], "Floats"]
Beside = Callable[[Place], "np.ndarray[Any, Any]"]


def read(by_place: ByPlace, beside: Beside, places: int, at: Place) -> Hazard:
    """The hazard that stands at a place of the document.

    Raises
    ------
    ModelError
        No way or more than one, a map lower than a more frequent one, a quantity without unit, cells that do not exist.
    """
    parts = at.mapping(("key", "name", "unit"), ("source", *WAYS))
    names = parts["name"].mapping(("th", "en"))
    about = About(
        parts["key"].key(),
        Name(names["th"].text(), names["en"].text()),
        parts["unit"].text(),
        source=parts["source"].text() if "source" in parts else "",
    )
    ways = [way for way in WAYS if way in parts]
    if len(ways) != 1:
        raise refuse(
            at.path,
            (
                f"ต้องบอกภัยด้วยวิธีเดียว ที่นี่มี {known(ways)}",
                f"a hazard is told in one way; here stand {known(ways)}.",
            ),
            (f"เลือกหนึ่งวิธีจาก {known(WAYS)}", f"Keep one of {known(WAYS)}."),
        )
    reader = {"events": events, "ladder": ladder, "memory": memory}[ways[0]]
    told = parts[ways[0]]
    try:
        return reader(about, told, by_place, beside, places)
    except ModelError as error:
        if error.field.startswith(told.path):
            raise
        raise ModelError(f"{told.path} ({error.field})", error.wrong, error.mend) from error


def events(about: About, at: Place, _by_place: ByPlace, beside: Beside, places: int) -> Hazard:
    parts = at.mapping(COLUMNS, ("rule",))
    columns = {word: column(parts[word], beside) for word in COLUMNS}
    rule = parts["rule"].text() if "rule" in parts else "events"
    numbers = (columns["event"], columns["place"], columns["intensity"], columns["frequency"])
    for word in COLUMNS[:3]:
        if not np.array_equal(columns[word], np.rint(columns[word])):
            raise refuse(
                parts[word].path,
                ("ต้องเป็นจำนวนเต็มทั้งหมด", "these must all be whole numbers."),
                (f"ให้ความแรงเป็นจำนวนเต็มของ {about.unit}", f"Give whole steps of {about.unit}."),
            )
    event, place, intensity, frequency = numbers
    return from_cells(
        about, event.astype(np.int64), place.astype(np.int64), intensity, frequency, places=places, rule=rule
    )


def column(at: Place, beside: Beside) -> Floats:
    if isinstance(at.value, dict):
        return np.asarray(beside(at), dtype=float)
    return np.array(at.numbers(), dtype=float)


def ladder(about: About, at: Place, by_place: ByPlace, _beside: Beside, _places: int) -> Hazard:
    parts = at.mapping(("rungs",), ("rule", "begins"))
    rungs = [rung.mapping(("every", "intensity"), ("called",)) for rung in parts["rungs"].items()]
    maps = [by_place(rung["intensity"], in_unit(about)) for rung in rungs]
    periods = [rung["every"].number() for rung in rungs]
    begins = parts["begins"].number() if "begins" in parts else None
    return from_ladder(about, periods, np.array(maps), rule_of(parts), begins=begins)


def memory(about: About, at: Place, by_place: ByPlace, _beside: Beside, _places: int) -> Hazard:
    parts = at.mapping(REMEMBERED, ("rule", "plotting"))
    times = dict(zip(REMEMBERED, ("every", "every", "remembered"), strict=True))
    rungs = {word: parts[word].mapping((times[word], "intensity"), ("called",)) for word in REMEMBERED}
    told = Memory(*(rungs[word][times[word]].number() for word in REMEMBERED))
    maps = [by_place(rungs[word]["intensity"], in_unit(about)) for word in REMEMBERED]
    plotting = (
        parts["plotting"].choice([str(one) for one in Plotting]) if "plotting" in parts else Plotting.WEIBULL
    )
    return from_memory(about, told, np.array(maps), rule_of(parts), Plotting(plotting))


def rule_of(parts: dict[str, Place]) -> Ladder:
    if "rule" not in parts:
        return Ladder.LOG_LINEAR
    return Ladder(parts["rule"].choice([str(one) for one in Ladder]))


def in_unit(about: About) -> Callable[[Place], float]:
    return lambda at: at.quantity(about.unit)
