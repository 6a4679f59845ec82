"""Official forms on paper, from the command line: a kind of `khlong export`."""

from __future__ import annotations

import argparse

from khlong.adoption.models import FIRST_YEARS, ROUND, Edition, PlanFormat
from khlong.adoption.official_forms.printing import FORMATS, FORMS, chosen, form_file
from khlong.adoption.official_forms.sheets import Options, form_sheets
from khlong.adoption.queries import seen_proposals
from khlong.people.actor import ANONYMOUS
from khlong.places.commands import find_city
from khlong.record.errors import CommandRefused
from khlong.strategy.commands import export_kind
from khlong.thai.digits import to_arabic

EDITIONS = (Edition.SUPPLEMENT.value, Edition.CHANGE.value, Edition.CORRECTION.value)


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the options of `export form` to `export`."""
    export = commands.choices["export"]
    export.add_argument("--form", choices=FORMS, default="p02", help="with form: which one")
    export.add_argument(
        "--plan-format", choices=PlanFormat.values, default=PlanFormat.ISSUE.value, help="with form: the plan"
    )
    for edition in EDITIONS:
        export.add_argument(
            f"--{edition}", default="", metavar="ROUND", help=f"with form: a {edition}, such as 1/2571"
        )
    export.add_argument(
        "--kpi", choices=["yes", "no"], default=None, help="with form: the indicator's column"
    )
    export.add_argument(
        "--short-head", action="store_true", help="with form: two head lines instead of ก to จ"
    )
    export.add_argument("--subtitle", default="", help="with form: a line under the title of 02/1 and 02/2")
    export_kind("form", write_form)


def write_form(options: argparse.Namespace) -> bytes:
    """The public proposals of a city in a form; refused in one line where none belongs into it."""
    city = find_city(options.city)
    if options.format not in FORMATS:
        raise CommandRefused(f"forms are written as {' or '.join(FORMATS)}, not as {options.format}")
    edition, round_ = _edition(options)
    plan = PlanFormat(options.plan_format)
    how = Options(
        plan_format=plan,
        first_year=FIRST_YEARS[plan],
        edition=edition,
        round=round_,
        kpi={"yes": True, "no": False}.get(options.kpi or ""),
        long_head=not options.short_head,
        subtitle=options.subtitle,
        thai_digits=options.thai_digits,
    )
    rows = chosen(seen_proposals(ANONYMOUS).filter(city=city), options.form, how)
    if not rows:
        raise CommandRefused(
            f"{city.slug} has published no proposal that belongs into this form of this plan"
        )
    return form_file(
        form_sheets(options.form, rows, how), options.format, title=city.name_th, thai_digits=how.thai_digits
    )


def _edition(options: argparse.Namespace) -> tuple[str, str]:
    """The edition of the plan that was asked for, and its round; both empty for the plan itself."""
    asked = [(edition, getattr(options, edition)) for edition in EDITIONS if getattr(options, edition)]
    if len(asked) > 1:
        said = " and ".join(f"--{edition}" for edition, _round in asked)
        raise CommandRefused(f"a form is of one edition: leave out one of {said}")
    if not asked:
        return "", ""
    edition, typed = asked[0]
    round_ = to_arabic(typed).strip()
    if not ROUND.fullmatch(round_):
        raise CommandRefused(f"--{edition} is a round such as 1/2571, not {typed!r}")
    return edition, round_
