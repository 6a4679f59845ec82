"""Who was heard in a round, by the groups that people name and by passage, as far as the public may read it.

Everybody reads the same: numbers under five are left out, and with them as many others as it takes that nobody
reckons them from the totals. How many people a group has is not known, so there is no share of anything.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.deliberation.models import Circle, Level, Round, Suggestion, Voice
from khlong.deliberation.standing import Figures, figures_with
from khlong.network.counts import FEWEST, is_few
from khlong.places.models import Group
from khlong.strategy.models import VersionEntry

PERSON = Case(
    When(by__gt="", then=Concat(Value("by "), F("by"))),
    When(sheet__gt="", then=Concat(Value("sheet "), F("sheet"))),
    default=F("receipt"),
)
"""One person: her pseudonym, else the paper sheet that she gave, else the suggestion itself."""
VOICES, EVERYBODY = tuple(Voice.values), "everybody"


@dataclass(frozen=True)
class Line:
    """One line of a table: how many people spoke in each way, and how many in all. None is not shown."""

    name: str
    cells: tuple[int | None, ...]
    people: int | None
    url: str = ""

    @property
    def nobody(self) -> bool:
        return self.people == 0

    @property
    def words(self) -> str:
        """Never a share: how many there are is not known."""
        if self.people is None:
            return _("total number unknown · heard, number not shown")
        return _("total number unknown · heard %(n)s people") % {"n": f"{self.people:,}"}


@dataclass(frozen=True)
class Table:
    lines: list[Line]
    total: Line

    @property
    def silent(self) -> list[Line]:
        """Those who have not been heard."""
        return [line for line in self.lines if line.nobody]

    @property
    def heard(self) -> list[Line]:
        return [line for line in self.lines if not line.nobody]

    @property
    def hides(self) -> bool:
        return any(None in (*line.cells, line.people) for line in (*self.lines, self.total))

    @property
    def most(self) -> int:
        return max((line.people or 0 for line in self.lines), default=0)

    def plot(self) -> list[tuple[Line, float | None]]:
        """Each line that was heard, with its place on a common scale in per cent of it, for a picture."""
        most = self.most or 1
        return [(line, None if line.people is None else 100 * line.people / most) for line in self.heard]


@dataclass(frozen=True)
class Promise:
    """One step of participation: what it promises, what the record shows, and whether it was promised here."""

    level: str
    name: str
    promise: str
    happened: str
    promised: bool


@dataclass(frozen=True)
class Heard:
    """All that the page and the paper say of a round; `own` is how many suggestions were made in it."""

    found: Round
    figures: Figures
    groups: Table
    passages: Table
    promises: list[Promise]
    circles: list[Circle]
    own: int


def who_was_heard(found: Round) -> Heard:
    """Everything in a fixed number of queries."""
    here = Q(round=found)
    figured, all_people = figures_with(found, _columns(here) | {"own": Count("pk", filter=here)})
    last = [all_people[name] for name in (*VOICES, EVERYBODY)]
    circles = list(Circle.objects.filter(round=found).order_by("sort_key"))
    return Heard(
        found,
        figured,
        _by_group(found, last),
        _by_passage(found, last),
        promises(found, figured, len(circles)),
        circles,
        all_people["own"],
    )


def _columns(here: Q | None = None) -> dict[str, Count]:
    """How many people spoke in each way, and in all; of the rows at hand, or of some of them."""
    here = here or Q()
    ways = {voice: Count(PERSON, distinct=True, filter=here & Q(voice=voice)) for voice in VOICES}
    return ways | {EVERYBODY: Count(PERSON, distinct=True, filter=here)}


def _by_group(found: Round, last: list[int]) -> Table:
    """The groups of the city by the names they chose, and those who named none."""
    groups = Group.objects.filter(city=found.plan.city_id).order_by("order", "pk")
    names: dict[Hashable, tuple[str, str]] = {group.pk: (group.name, "") for group in groups}
    return _table(found, "groups", {**names, None: (_("named no group"), "")}, last)


def _by_passage(found: Round, last: list[int]) -> Table:
    """The passages of the version that was before people, in its order."""
    entries = VersionEntry.objects.filter(version=found.version_id).select_related("item__node")
    names: dict[Hashable, tuple[str, str]] = {
        entry.item_id: (entry.item.node.title, entry.item.ref) for entry in entries.order_by("order")
    }
    return _table(found, "item", names, last)


def _table(found: Round, by: str, names: dict[Hashable, tuple[str, str]], last: list[int]) -> Table:
    """One line for each name, from one query; `last` are the totals of the columns."""
    spoken = Suggestion.objects.filter(round=found, hidden_on=None).order_by()
    counted = {row[by]: row for row in spoken.values(by).annotate(**_columns())}
    nobody = dict.fromkeys((*VOICES, EVERYBODY), 0)
    numbers = [[counted.get(key, nobody)[name] for name in nobody] for key in names]
    hidden = suppressed([*numbers, last])
    lines = [
        _line(name, row, at, hidden, url)
        for at, ((name, url), row) in enumerate(zip(names.values(), numbers, strict=True))
    ]
    if None in names and lines[-1].nobody:
        lines.pop()
    return Table(lines, _line(_("everybody who spoke"), last, len(numbers), hidden, ""))


def _line(name: str, row: Sequence[int], at: int, hidden: set[tuple[int, int]], url: str) -> Line:
    shown = tuple(None if (at, place) in hidden else number for place, number in enumerate(row))
    return Line(name, shown[:-1], shown[-1], url)


def suppressed(numbers: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """The cells (row, column) that are not shown; the last row and the last column hold totals.

    Every number under five, then in each row and column so many more that what is hidden there is at least two
    cells and five people. Where a total is hidden, so is all that it is the total of. That nobody spoke is no secret:
    a nought is always shown.
    """
    height, width = len(numbers), len(numbers[0])
    hidden = {(r, c) for r in range(height) for c in range(width) if is_few(numbers[r][c])}
    rows = [[(r, c) for c in range(width)] for r in range(height)]
    columns = [[(r, c) for r in range(height)] for c in range(width)]
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for line in (*rows, *columns):
            hidden |= _more(line, numbers, hidden)
    return hidden


def _more(
    line: Sequence[tuple[int, int]], numbers: Sequence[Sequence[int]], hidden: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """What else of one row or column must go."""
    *inner, total = line
    counted = [cell for cell in inner if numbers[cell[0]][cell[1]]]
    if total in hidden:
        return set(counted)
    gone = {cell for cell in counted if cell in hidden}
    if not gone:
        return set()
    rest = sorted((cell for cell in counted if cell not in gone), key=lambda cell: numbers[cell[0]][cell[1]])
    while rest and (len(gone) < 2 or _sum(numbers, gone) < FEWEST):
        gone.add(rest.pop(0))
    return gone if len(gone) > 1 and _sum(numbers, gone) >= FEWEST else {*gone, total}


def _sum(numbers: Sequence[Sequence[int]], cells: Iterable[tuple[int, int]]) -> int:
    return sum(numbers[r][c] for r, c in cells)


def promises(found: Round, figured: Figures, circles: int) -> list[Promise]:
    """The steps of participation up to what was promised and, beyond it, what was done all the same."""
    promised = list(Level.values).index(found.level)
    told = {
        Level.INFORM: (
            _("You are told what is planned, in plain words."),
            ngettext(
                "A plain summary and the whole version were open to read; they went to %(n)s circle.",
                "A plain summary and the whole version were open to read; they went to %(n)s circles.",
                circles,
            )
            % {"n": circles},
        ),
        Level.CONSULT: (
            _("You are listened to, and told what became of what you said."),
            _("%(made)s suggestions; %(answered)s of %(asking)s that ask for an answer have one.")
            % {"made": figured.made, "answered": figured.answered, "asking": figured.asking},
        ),
        Level.INVOLVE: (
            _("What you say is seen in the words."),
            ngettext(
                "%(n)s answer changed the words of the plan.",
                "%(n)s answers changed the words of the plan.",
                figured.changed,
            )
            % {"n": figured.changed},
        ),
        Level.COLLABORATE: (
            _("It is settled together, in meetings to which you can come."),
            ngettext(
                "%(n)s answer names the decision of a meeting that settled it.",
                "%(n)s answers name the decision of a meeting that settled them.",
                figured.settled,
            )
            % {"n": figured.settled},
        ),
        Level.EMPOWER: (
            _("You decide."),
            _("Who decided cannot be seen from numbers. It stands in the minutes of the meetings."),
        ),
    }
    return [
        Promise(level.value, str(level.label), *told[level], promised=place <= promised)
        for place, level in enumerate(Level)
    ]
