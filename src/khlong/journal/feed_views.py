from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from khlong.chain.history import writer_name
from khlong.chain.models import Kind, Node, ThingRevision
from khlong.chain.policies import node_filter
from khlong.journal import feeds
from khlong.journal.models import Report
from khlong.journal.queries import Page, of_city, seen_reports, with_all
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import Verb, scope
from khlong.places.models import City
from khlong.record.models import SearchEntry
from khlong.ui.address import absolute

NEWEST = 30
FORMATS: dict[str, tuple[str, Callable[[feeds.Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", feeds.atom),
    "json": ("application/feed+json; charset=utf-8", feeds.json_feed),
}


@require_safe
def reports(request: HttpRequest, form: str, slug: str = "") -> HttpResponse:
    """The newest reports that everybody may read, of all cities or of one."""
    rows = scope(ANONYMOUS, City.objects.select_related("node"))
    city = get_object_or_404(rows, slug=slug) if slug else None
    with override(_language(request)):
        return _answer(request, form, _reports(request, city))


@require_safe
def changes(request: HttpRequest, form: str) -> HttpResponse:
    """What was added or changed last, of all that everybody may see."""
    with override(_language(request)):
        return _answer(request, form, _changes(request))


def _language(request: HttpRequest) -> str:
    """Thai, unless the address asks for English: a feed reader has no cookie to say so."""
    return "en" if request.GET.get("lang") == "en" else "th"


def _answer(request: HttpRequest, form: str, feed: feeds.Feed) -> HttpResponse:
    """The feed, or that the reader has it. Only the content says so: what is taken back makes nothing newer."""
    kind, write = FORMATS[form]
    body = write(feed)
    etag = quote_etag(sha256(body).hexdigest()[:32])
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    known = etag in asked or f"W/{etag}" in asked or asked == ["*"]
    response: HttpResponse = HttpResponseNotModified() if known else HttpResponse(body, content_type=kind)
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=300"
    return response


def _reports(request: HttpRequest, city: City | None) -> feeds.Feed:
    rows = with_all(ANONYMOUS, seen_reports(ANONYMOUS)).order_by("-updated_at")
    found = list((of_city(rows, city) if city else rows)[:NEWEST])
    page = reverse("journal:reports") + (f"?city={city.slug}" if city else "")
    title = _("Reports from %(city)s") % {"city": city.name} if city else _("Reports of all cities")
    return feeds.Feed(
        key="reports",
        title=f"{_('Khlong')} · {title}",
        subtitle=_("What people of the cities did, in words and pictures"),
        own=absolute(request, request.get_full_path()),
        page=absolute(request, page),
        entries=feeds.newest(_entry(request, report) for report in found),
    )


def _entry(request: HttpRequest, report: Report) -> feeds.Entry:
    page = Page(report)
    first = page.photos[0] if page.photos else None
    html = render_to_string(
        "journal/feed_entry.html", {"page": page, "report": report, "root": absolute(request)[:-1]}
    )
    return feeds.Entry(
        key=report.pk,
        title=report.name,
        url=absolute(request, report.get_absolute_url()),
        updated=report.updated_at,
        published=report.node.created_at,
        summary=page.opening,
        html=html,
        image=absolute(request, first.address) if first else "",
        tags=tuple(city.name for city in report.cities.all()),
        author=", ".join(body.name for body in report.organisers.all()),
    )


def _changes(request: HttpRequest) -> feeds.Feed:
    return feeds.Feed(
        key="changes",
        title=f"{_('Khlong')} · {_('Changes of all that is published')}",
        subtitle=_("What was added or changed last, of all that is published"),
        own=absolute(request, request.get_full_path()),
        page=absolute(request, reverse("home")),
        entries=feeds.newest(_changed(request)),
    )


def _changed(request: HttpRequest) -> Iterable[feeds.Entry]:
    """One entry for each thing, of its newest revision. Only what a search finds: drafts of a plan's words are not."""
    public = SearchEntry.objects.filter(node_filter(ANONYMOUS, Verb.VIEW)).values("node")
    rows = scope(ANONYMOUS, ThingRevision.objects.filter(node__in=public).select_related("node"))
    seen: set[UUID] = set()
    for row in rows.order_by("-at", "-pk")[: NEWEST * 4]:
        if row.node_id in seen or len(seen) >= NEWEST:
            continue
        seen.add(row.node_id)
        yield _change(request, row, row.node)


def _change(request: HttpRequest, row: ThingRevision, node: Node) -> feeds.Entry:
    kind = str(Kind(node.kind).label)
    what = _("%(kind)s added") if row.number == 1 else _("%(kind)s changed")
    words = [what % {"kind": kind}, _("by %(who)s") % {"who": writer_name(row.by)}]
    return feeds.Entry(
        key=uuid5(node.pk, str(row.number)),
        title=f"{node.title} ({node.ref})",
        url=absolute(request, node.get_absolute_url()),
        updated=row.at,
        published=row.at,
        summary=", ".join(words),
        tags=(kind,),
    )
