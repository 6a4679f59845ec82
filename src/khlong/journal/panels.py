"""What reports put on a city's page: the newest of them, and their days on its timeline."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.journal.models import Report
from khlong.journal.queries import Page, of_city, pictures_of, seen_reports, with_pictures
from khlong.people.actor import Actor
from khlong.places.models import City
from khlong.places.panels import CityLink, Panel, for_city
from khlong.ui.figures import Moment

NEWEST = 3
ON_TIMELINE = 30


def moment_of(report: Report) -> Moment:
    """A report on a timeline."""
    return Moment(
        when=report.date,
        text=report.name,
        note=report.place,
        source=str(_("report")),
        source_url=report.get_absolute_url(),
        url=report.get_absolute_url(),
    )


@for_city
def reports_of_city(actor: Actor, city: City) -> Iterable[Panel]:
    """The city's newest reports with a photo each, and all of them as moments; one query."""
    found = list(with_pictures(of_city(seen_reports(actor), city))[:ON_TIMELINE])
    write = CityLink(_("Write a report"), f"{reverse('journal:add_report')}?space={city.ref}")
    moments = tuple(moment_of(report) for report in found if report.meeting_id is None)
    if not found:
        yield Panel("main", links=(write,))
        return
    context = {
        "pages": [Page(report, pictures_of(report)) for report in found[:NEWEST]],
        "city": city,
        "more": len(found) > NEWEST,
    }
    yield Panel("main", "journal/city_reports.html", context, moments=moments, links=(write,), order=20)
