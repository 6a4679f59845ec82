"""What pages ask about the programme, organisations and meetings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind, Visibility
from khlong.chain.policies import READERS
from khlong.network.counts import Line, line, total_words
from khlong.network.models import (
    Attendance,
    Decision,
    Meeting,
    Minutes,
    Organisation,
    OrganisationKind,
    Part,
    Programme,
    WorkGroup,
)
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.places import panels
from khlong.places.models import City, Fact
from khlong.places.page import FactsPage
from khlong.places.rows import tables
from khlong.ui.figures import FigureRow, Moment

ADVICE = "advice"
DOES = ("goal", "problem", "policy", "boundary", "activity", "pilot")
LEARNED = ("method", "framework", "lesson")
GRANT = "funding"


def seen_work_groups(actor: Actor) -> QuerySet[WorkGroup]:
    return scope(actor, WorkGroup.objects.select_related("node__space"))


def seen_programmes(actor: Actor) -> QuerySet[Programme]:
    return scope(actor, Programme.objects.select_related("node__space")).order_by("node__ref")


def seen_organisations(actor: Actor) -> QuerySet[Organisation]:
    return scope(actor, Organisation.objects.select_related("node__space"))


def seen_meetings(actor: Actor) -> QuerySet[Meeting]:
    return scope(actor, Meeting.objects.select_related("node__space", "source"))


def newest_first(rows: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """By date, the undated last on every database."""
    return rows.order_by(F("date").desc(nulls_last=True), "sort_key")


def works_under(programme: Programme, prefix: str = "") -> Q:
    """Cities that work under a programme: those it names, and those that no programme names.

    An example programme has only those it names, so that no real city stands under its mark.
    `prefix` is the path from a model to its city, such as "city__".
    """
    if programme.node.is_example:
        return Q(**{f"{prefix}programmes": programme})
    named = Programme.cities.through.objects.values("city")
    return Q(**{f"{prefix}programmes": programme}) | (
        Q(**{f"{prefix}pk__isnull": False}) & ~Q(**{f"{prefix}pk__in": named})
    )


def seen_cities(actor: Actor) -> Prefetch[str]:
    """The cities of a list of things, in their order; one query."""
    return Prefetch("cities", scope(actor, City.objects.select_related("node")).order_by("sort_key"))


def moment_of(meeting: Meeting) -> Moment:
    """A meeting on a timeline."""
    number = str(_("activity %s")) % meeting.activity if meeting.activity else ""
    return Moment(
        when=meeting.date,
        text=meeting.name,
        note=" · ".join(filter(None, (number, meeting.place))),
        source=meeting.source.publisher,
        source_url=reverse("places:source", args=[meeting.source_id]),
        url=meeting.get_absolute_url(),
    )


def by_date(moments: Iterable[Moment]) -> list[Moment]:
    """Oldest first, the undated last."""
    return sorted(moments, key=lambda moment: (0, moment.when) if moment.when else (1,))


class MeetingPage(FactsPage):
    """A meeting's facts, with the advice that was given there apart from the rest; who was there; its minutes."""

    def __init__(self, actor: Actor, meeting: Meeting) -> None:
        self.meeting = meeting
        super().__init__(actor, [meeting.pk])

    @cached_property
    def bodies(self) -> list[Organisation]:
        """Organisations that organised the meeting or took part in it, and which of both; one query."""
        of_meeting = {"meeting": self.meeting.pk, "organisation": OuterRef("pk")}
        through = Meeting.organisers.through, Meeting.took_part.through
        did, came = (Exists(link.objects.filter(**of_meeting)) for link in through)
        rows = seen_organisations(self.actor).annotate(did_organise=did, did_come=came)
        return list(rows.filter(Q(did_organise=True) | Q(did_come=True)).order_by("sort_key"))

    @property
    def organisers(self) -> list[Organisation]:
        return [body for body in self.bodies if body.did_organise]  # type: ignore[attr-defined]

    @property
    def took_part(self) -> list[Organisation]:
        return [body for body in self.bodies if body.did_come]  # type: ignore[attr-defined]

    @cached_property
    def attendance(self) -> list[Attendance]:
        rows = Attendance.objects.filter(meeting=self.meeting)
        return list(scope(self.actor, rows.select_related("group", "organisation__node")))

    @property
    def whole(self) -> bool:
        """Whether this reader may read small numbers: who works in the city may."""
        return self.actor.is_steward or self.actor.holds(self.meeting.space_id, *READERS)

    @property
    def lines(self) -> list[Line]:
        return [line(row, whole=self.whole) for row in self.attendance]

    @property
    def total(self) -> str:
        return total_words(self.attendance, whole=self.whole)

    @property
    def minutes(self) -> Minutes | None:
        """The minutes, if there are any and this reader may read them; read with the meeting."""
        found: Minutes | None = getattr(self.meeting, "minutes", None)
        return found if found is not None and can(self.actor, Verb.VIEW, found) else None

    @cached_property
    def decisions(self) -> list[Decision]:
        rows = Decision.objects.select_related("organisation__node", "work_group__node")
        return list(rows.filter(minutes=self.minutes)) if self.minutes else []

    @property
    def advice(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.topic_id == ADVICE and not fact.is_figure]

    @property
    def others(self) -> list[tuple[str, list[Fact]]]:
        """Statements by topic, without the advice."""
        return [(label, rows) for label, rows in self.statements if rows[0].topic_id != ADVICE]


class ProgrammePage(FactsPage):
    """All of the programme's page."""

    def __init__(self, actor: Actor, programme: Programme) -> None:
        self.programme = programme
        super().__init__(actor, [programme.pk])

    @cached_property
    def may_change(self) -> bool:
        return can(self.actor, Verb.CHANGE, self.programme)

    @cached_property
    def parts(self) -> list[Part]:
        rows = scope(self.actor, Part.objects.select_related("organisation__node", "city__node", "source"))
        rows = rows.filter(organisation__node__is_example=self.programme.node.is_example)
        return list(rows.order_by("organisation__node__ref", "order", "id"))

    @property
    def carried_by(self) -> list[Part]:
        """Parts that name the programme itself: who pays for it and who leads it."""
        return [part for part in self.parts if self._is_named_in(part)]

    def _is_named_in(self, part: Part) -> bool:
        return self.programme.name_th in part.role_th and part.city_id is None

    @property
    def partners(self) -> list[tuple[Promise | str, list[tuple[Organisation, list[Part]]]]]:
        """Organisations with all their parts, by kind in the order of the kinds."""
        rows: dict[Any, list[Part]] = {}
        for part in self.parts:
            rows.setdefault(part.organisation, []).append(part)
        grouped = [
            (kind.label, [(body, parts) for body, parts in rows.items() if body.kind == kind])
            for kind in OrganisationKind
        ]
        return [(label, found) for label, found in grouped if found]

    def _about(self, topics: tuple[str, ...]) -> list[tuple[str, list[Fact]]]:
        found = [(label, rows) for label, rows in self.statements if rows[0].topic_id in topics]
        return sorted(found, key=lambda pair: topics.index(pair[1][0].topic_id))

    @property
    def does(self) -> list[tuple[str, list[Fact]]]:
        return self._about(DOES)

    @property
    def learned(self) -> list[tuple[str, list[Fact]]]:
        return self._about(LEARNED)

    @property
    def region(self) -> list[tuple[str, list[Fact]]]:
        """What is said of the climate of the whole region."""
        return [(label, rows) for label, rows in self.statements if rows[0].topic_id not in DOES + LEARNED]

    @property
    def figures(self) -> list[tuple[str, list[FigureRow]]]:
        """Figures of the region; values given once stand in tables of one row."""
        found = tables(self.groups, several=True) + tables(self.groups, several=False)
        return [(group.label, rows) for group, rows in found]

    @property
    def figure_count(self) -> int:
        return sum(fact.is_figure for fact in self.facts)

    @cached_property
    def timeline(self) -> list[Moment]:
        """The meetings and the dated log, oldest first; real ones and those of an example never together."""
        meetings = seen_meetings(self.actor).filter(node__is_example=self.programme.node.is_example)
        return by_date([*self.moments, *(moment_of(meeting) for meeting in meetings)])

    @cached_property
    def cities(self) -> list[dict[str, Any]]:
        """Cities with their region, what other rooms say of them, and how many facts are published."""
        published = Q(node__nodes__kind=Kind.FACT, node__nodes__visibility=Visibility.PUBLIC)
        rows = City.objects.select_related("node").annotate(
            published=Count("node__nodes", filter=published, distinct=True)
        )
        shown = rows.filter(works_under(self.programme)).order_by("-is_full", "region", "sort_key")
        found: list[City] = list(scope(self.actor, shown))
        more = panels.of_rows(self.actor, found)
        return [{"city": city, **more[city.pk]} for city in found]

    @property
    def missing(self) -> list[Promise | str]:
        """What was searched for and is not published."""
        known = {fact.topic_id for fact in self.facts if fact.is_figure}
        grant = [] if GRANT in known else [_("grant amount")]
        return [*grant, _("contract number"), _("start date"), _("end date")]
