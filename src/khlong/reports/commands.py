"""./khlong report logframe: the programme's logframe as a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from uuid import UUID

from khlong.network.models import Programme
from khlong.network.queries import works_under
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.record.errors import CommandRefused
from khlong.reports.models import Logframe
from khlong.reports.paper import FORMATS, document_of, written
from khlong.reports.queries import frame_of, period_of, seen_logframes

REGIONS = ("south", "northeast")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    report = commands.add_parser("report", help="write a programme's logframe as DOCX, XLSX or PDF")
    report.add_argument("what", choices=["logframe"])
    report.add_argument(
        "--programme", required=True, help="its address; -south or -northeast narrows it to those cities"
    )
    report.add_argument("--period", default="", help="the name of a period (the latest)")
    report.add_argument("--format", choices=sorted(FORMATS), required=True)
    report.add_argument("--lang", choices=["th", "en"], default="th")
    report.add_argument("--out", type=Path, required=True)
    report.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the file; exit 2 in one line for an unknown programme or period."""
    programme, region = _programme(options.programme)
    found = seen_logframes(ANONYMOUS).filter(programme=programme).first()
    logframe = found or Logframe(node=programme.node, programme=programme)
    period = period_of(found, options.period) if found else None
    if options.period and period is None:
        raise CommandRefused(f"{options.programme} has no period called {options.period}")
    cities = _cities(programme, region) if region else None
    frame = frame_of(ANONYMOUS, logframe, period, cities)
    where = str(City(region=region).get_region_display()) if region else ""
    data = written(document_of(frame, options.lang, where), options.format)
    try:
        options.out.write_bytes(data)
    except OSError as error:
        raise CommandRefused(f"{options.out} cannot be written ({error.strerror})") from error
    said = ", nothing of it is published" if frame.is_empty else ""
    print(f"{options.out} ({len(data):,} bytes){said}")
    return 0


def _cities(programme: Programme, region: str) -> set[UUID]:
    rows = City.objects.filter(works_under(programme), region=region)
    return set(rows.values_list("pk", flat=True))


def _programme(slug: str) -> tuple[Programme, str]:
    """The programme of an address, and the region that its suffix names."""
    rows = scope(ANONYMOUS, Programme.objects.select_related("node__space"))
    for suffix in ("", *REGIONS):
        end = f"-{suffix}" if suffix else ""
        if slug.endswith(end) and (found := rows.filter(slug=slug.removesuffix(end)).first()) is not None:
            return found, suffix
    known = ", ".join(rows.order_by("slug").values_list("slug", flat=True))
    raise CommandRefused(f"there is no programme {slug}; choose from: {known}")
