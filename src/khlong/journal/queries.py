"""What pages ask about reports, related topics and what is related to what."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject

from khlong.chain.models import Node
from khlong.chain.policies import node_filter
from khlong.journal import prose
from khlong.journal.models import Related, Report, Topic
from khlong.journal.photos import Shown, shown
from khlong.network.queries import seen_cities, seen_organisations
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.places.models import City
from khlong.places.models.base import in_language
from khlong.places.queries import Gathered
from khlong.record.filed import Blob, File

BESIDE = 10


def seen_topics(actor: Actor) -> QuerySet[Topic]:
    """The topics that a reader may see, in their order."""
    return scope(actor, Topic.objects.select_related("node__space")).order_by("order", "sort_key")


def counted_topics(actor: Actor) -> QuerySet[Topic]:
    """The same, each with `known`: how many facts about it the reader may see."""
    seen = node_filter(actor, Verb.VIEW, "node__facts__node__") & Q(node__facts__isnull=False)
    return seen_topics(actor).annotate(known=Count("node__facts", filter=seen, distinct=True))


def seen_reports(actor: Actor) -> QuerySet[Report]:
    """The reports that a reader may see, the newest activity first and the undated last."""
    rows = scope(actor, Report.objects.select_related("node__space", "meeting__node"))
    return rows.order_by(F("date").desc(nulls_last=True), "-node__created_at")


def of_city(rows: QuerySet[Report], city: City) -> QuerySet[Report]:
    """Those that are about a city, or that its working group wrote."""
    about = Report.cities.through.objects.filter(city=city).values("report")
    return rows.filter(Q(pk__in=about) | Q(node__space=city.node))


def with_pictures(rows: QuerySet[Report]) -> QuerySet[Report]:
    """With as much of their pictures as a list shows, for `pictures_of`; without a query more."""
    here = Report.files.through.objects.filter(report=OuterRef(OuterRef("pk"))).values("file")
    files = File.objects.filter(pk__in=here).order_by().annotate(shape=JSONObject(**_PICTURE))
    return rows.annotate(pictures=Gathered(files.values("shape")))


_PICTURE = {"uuid": "pk", "width": "blob__width", "height": "blob__height"}


def pictures_of(report: Report) -> list[File]:
    """The pictures that came with a report: where they are and how large, and nothing else of them."""
    told: list[dict[str, Any]] = getattr(report, "pictures", None) or []
    return [File(uuid=UUID(row["uuid"]), blob=Blob(width=row["width"], height=row["height"])) for row in told]


FILES: Prefetch[str] = Prefetch("files", File.objects.select_related("blob"))


def with_files(rows: QuerySet[Report]) -> QuerySet[Report]:
    """With their photos; one more query for a page of them."""
    return rows.prefetch_related(FILES)


def with_all(actor: Actor, rows: QuerySet[Report]) -> QuerySet[Report]:
    """With photos, cities and organisers; three more queries."""
    bodies = Prefetch("organisers", seen_organisations(actor).order_by("sort_key"))
    return with_files(rows).prefetch_related(bodies, seen_cities(actor))


class Page:
    """A report as it is printed: the first photo wide above the words, the others beside and below them."""

    def __init__(self, report: Report, files: Iterable[File] | None = None) -> None:
        self.report, self._files = report, files

    @cached_property
    def blocks(self) -> list[prose.Block]:
        return prose.blocks(in_language(self.report.text_th, self.report.text_en))

    @cached_property
    def photos(self) -> list[Shown]:
        return shown(self.report, self.report.files.all() if self._files is None else self._files)

    @property
    def first(self) -> Shown | None:
        """The photo above the words, unless it stands upright: that one would fill a phone."""
        return self.photos[0] if self.photos and not self.photos[0].upright else None

    @property
    def others(self) -> list[Shown]:
        return self.photos[1:] if self.first else self.photos

    @property
    def opening(self) -> str:
        return prose.opening(in_language(self.report.text_th, self.report.text_en))


def related_to(actor: Actor, node: Node, limit: int = BESIDE) -> list[Related]:
    """What to read beside a page: first what was set by hand, then what shares most words; one query."""
    rows = scope(actor, Related.objects.filter(node=node).select_related("node", "other"))
    return list(rows.order_by(F("order").asc(nulls_last=True), "-score", "pk")[:limit])
