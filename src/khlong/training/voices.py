"""Sentences of households, findings, measures and suggestions for a city of any size, from a seed.

Each text is put together of pieces that belong to the place and to whoever speaks, and no text comes twice: a
composer remembers what it has said. Pieces are dealt like cards: none comes again before all others of its kind
have come, so that what stands together repeats nothing. Pure functions of a `random.Random`; nothing here knows the
database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from khlong.training.texts import PLACES, words, zone_names

TRIES = 200
SLOTS = ("kin", "baht", "days", "n", "when", "spot", "who")
"""The open places of a piece."""
NUMBERS, FEW = range(3, 58), range(2, 10)
MANY = range(60, 420, 10)
LANGS = ("th", "en")
PROJECT = ("name_th", "name_en", "objective", "outputs", "kpi", "outcome")


@dataclass
class Composer:
    """Says things that it has not said before; the same seed says the same things in the same order."""

    rng: Random
    said: set[str] = field(default_factory=set)
    decks: dict[str, list[Any]] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)

    def fresh(self, make: Callable[[], str]) -> str:
        """A text that was not made before. Raises RuntimeError when the pieces are used up."""
        for _ in range(TRIES):
            text = make()
            if text not in self.said:
                self.said.add(text)
                return text
        raise RuntimeError("the pieces are used up: write more of them")

    def pick(self, items: Any) -> Any:
        return self.rng.choice(items)

    def deal(self, name: str, items: Sequence[Any], fits: Callable[[Any], bool] = lambda _card: True) -> Any:
        """The next card of the deck of this name that fits; the deck is shuffled anew when none does."""
        deck = self.decks.setdefault(name, [])
        while (at := next((at for at, card in enumerate(deck) if fits(card)), -1)) < 0:
            deck += self.rng.sample(items, len(items))
            self.rounds[name] = self.rounds.get(name, 0) + 1
        return deck.pop(at)

    def filled(self, text: str) -> str:
        """A piece with its open places filled from the lists."""
        lists = {**words("fragments")["lists"], **words("opinions")["lists"]}
        return text.format(**{name: self.pick(lists[name]) for name in SLOTS if f"{{{name}}}" in text})

    # --- households -----------------------------------------------------------------------

    def statement(self, place: str) -> str:
        """What a household of this community says."""
        return self.fresh(lambda: self._statement(place))

    def _statement(self, place: str) -> str:
        pieces: dict[str, list[str]] = words("fragments")[place]
        lists: dict[str, list[str]] = words("fragments")["lists"]
        bridges = {"first": "link", "lost": "loss", "why": "turn", "wish": "end"}
        text = ""
        for name in self.deal(f"shapes {place}", words("fragments")["shapes"]):
            bridge = str(self.pick(lists[bridges[name]])) if text else ""
            text += bridge + self.filled(self.deal(f"{place} {name}", pieces[name]))
        return text

    # --- findings and measures ------------------------------------------------------------

    def finding(self, place: str) -> Problem:
        """A finding of this community with its why; how it is known is said once all matters have been told."""
        found: list[Problem] = []

        def make() -> str:
            row = self.deal("problems", words("more")["problems"], lambda one: place in one.get("in", PLACES))
            zone = self.deal(f"zones {place}", zone_names(place))
            values = {"n": self.pick(NUMBERS), "few": self.pick(FEW)}
            th, en = (
                str(row[lang]).format(zone=name, **values) for lang, name in zip(LANGS, zone, strict=True)
            )
            if self.rounds["problems"] > 1:
                known = self.deal("known", words("more")["known"])
                th, en = f"{th} ({known[0]})", f"{en[:-1]} ({known[1]})."
            found.append(Problem(th, en, row["hazard"], tuple(tuple(step) for step in row["why"])))
            return th

        self.fresh(make)
        return found[-1]

    def measure(self, place: str) -> Wish:
        """A measure for this community."""
        found: list[Wish] = []

        def make() -> str:
            row = self.deal("measures", words("measures"), lambda one: place in one.get("in", PLACES))
            found.append(Wish(row, place, *self.deal(f"zones {place}", zone_names(place))))
            return found[-1].text

        self.fresh(make)
        return found[-1]

    def told(self, wish: Wish, name: str) -> str:
        """What is said of a measure under one of its headings, of which there are several."""
        return str(self.deal(f"{wish.row['short']} {name}", wish.row[name]))

    def project(self, wish: Wish, number: int) -> dict[str, str]:
        """A project proposed from a measure, by the fields of a proposal; after those written, a survey."""
        projects = wish.row["projects"]
        texts = projects[number] if number < len(projects) else words("works")["survey"]
        values: dict[str, Any] = {"zone": wish.zone, "n": self.pick(NUMBERS), "few": self.pick(FEW)}
        values |= {"m": self.pick(MANY), "short": wish.short}
        english = {"zone": wish.zone_en, "short": wish.short_en}
        told = [text.format(**values) for text in texts]
        return dict(zip(PROJECT, told, strict=True)) | {"name_en": texts[1].format(**english)[:300]}

    # --- suggestions ----------------------------------------------------------------------

    def suggestion(self, place: str, voice: str, measure: dict[str, Any] | None = None) -> Opinion:
        """What somebody of this community says to a measure of words("measures"), or to any measure."""
        found: list[Opinion] = []

        def make() -> str:
            matter = self.deal(voice, words("opinions")[voice], lambda row: _belongs(row, measure))
            text = self._opinion(place, voice, matter)
            found.append(Opinion(text, self.pick(matter.get("to", ("",))), matter))
            return text

        self.fresh(make)
        return found[-1]

    def _opinion(self, place: str, voice: str, matter: dict[str, Any]) -> str:
        """What she asks and what she has seen, in either order; now and then who she is, or a word more."""
        name = matter["say"][0]
        pieces = [self.filled(self.deal(f"{part} {name}", matter[part])) for part in ("say", "seen")]
        if self.rng.random() < 0.5:
            pieces.reverse()
        if self.rng.random() < 0.55:
            pieces.insert(0, self._who(place))
        if self.rng.random() < 0.25:
            pieces.append(self.pick(words("speakers")["after"][voice]))
        return " ".join(filter(None, pieces))

    def _who(self, place: str) -> str:
        who: str = self.pick(words("speakers")[place])
        zone: str = self.pick((*(th for th, _en in zone_names(place)), "", "", ""))
        return f"{who} อยู่แถว{zone}" if who and zone else who

    def answer(self, matter: dict[str, Any], outcome: str) -> str:
        """A reason that answers just this matter; the same may be given to several."""
        return str(self.deal(f"{outcome} {matter['say'][0]}", matter["answers"][outcome]))

    def sent_back(self, matter: dict[str, Any]) -> str:
        """What whoever suggested finds missing in the answer."""
        return str(self.pick(matter.get("back", words("opinions")["back"])))


def _belongs(matter: dict[str, Any], measure: dict[str, Any] | None) -> bool:
    """Whether a matter may be raised at this measure."""
    if measure is None:
        return True
    of_kind = measure["kind"] in matter.get("for", (measure["kind"],))
    return of_kind and ("about" not in matter or matter["about"] in measure["about"])


@dataclass(frozen=True)
class Opinion:
    """Words to a measure; what should be added to its words, if anything; and the matter that they belong to."""

    text: str
    to: str
    matter: dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """A measure: what it is wherever it is wanted (`row`), and where."""

    row: dict[str, Any]
    place: str
    zone: str
    zone_en: str

    @property
    def text(self) -> str:
        return str(self.row["th"]).format(zone=self.zone)

    @property
    def text_en(self) -> str:
        return str(self.row["en"]).format(zone=self.zone_en)

    @property
    def short(self) -> str:
        return str(self.row["short"]).format(zone=self.zone)

    @property
    def short_en(self) -> str:
        return str(self.row["short_en"]).format(zone=self.zone_en)

    def here(self, text: str) -> str:
        """Thai words of it, with its place."""
        return text.format(zone=self.zone)

    def here_en(self, text: str) -> str:
        return text.format(zone=self.zone_en)


@dataclass(frozen=True)
class Problem:
    """A finding in words, its hazard, and its why from the nearest cause to the underlying one, in both languages."""

    text: str
    text_en: str
    hazard: str
    why: tuple[tuple[str, str], ...]


def composer(seed: int, *, told: int = 0) -> Composer:
    """A composer for a seed. `told` keeps streams of one seed apart."""
    known = {voice["th"] for voice in words("voices")}
    return Composer(Random(f"khlong {seed} {told}"), set(known))  # noqa: S311 (an example, no secret)


def place_of(number: int) -> str:
    """The community of the household of this number: they take turns, the large ones more often."""
    shares = (0, 1, 2, 3, 4, 5, 6, 7, 0, 4, 7, 3, 0, 7)
    return PLACES[shares[number % len(shares)]]
