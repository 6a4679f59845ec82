"""The words of the letter on what waits, as plain text and as HTML, in its reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from khlong.record.mail import Letter
from khlong.record.waits import Wait, due_words, grouped
from khlong.thai.dates import format_date
from khlong.ui.text import language

MOST_LINES = 40
"""A letter holds the first so many; the page holds all."""


def written(to: str, lang: str, found: list[Wait], today: date, token: str) -> Letter:
    """The letter to an address. What it names its reader may see; it names nobody."""
    home = settings.KHLONG["address"]
    with override(lang):
        number = len(found)
        words = ngettext("%(n)s thing waits for you", "%(n)s things wait for you", number) % {"n": number}
        stop = home + reverse("record:stop", args=[token])
        context = {
            "head": words,
            "places": _places(found[:MOST_LINES], today),
            "late_words": _late(found, today),
            "more_words": _more(number - MOST_LINES),
            "home": home,
            "today": today,
            "waits_url": home + reverse("record:waits"),
            "stop_url": stop,
            "language": lang,
        }
        return Letter(
            to=to,
            subject=f"{_('Khlong')}: {words}",
            text="\n".join(_lines(context)) + "\n",
            html=render_to_string("record/letter_html.html", context),
            language=lang,
            stop=stop,
        )


def _places(found: Iterable[Wait], today: date) -> list[Any]:
    return [
        (place, [(kind, [(wait, due_words(wait.due, today)) for wait in rows]) for kind, rows in kinds])
        for place, kinds in grouped(found)
    ]


def _late(found: Iterable[Wait], today: date) -> str:
    late = sum(wait.due is not None and wait.due < today for wait in found)
    return ngettext("%(n)s is late", "%(n)s are late", late) % {"n": late} if late else ""


def _more(number: int) -> str:
    words = ngettext("and %(n)s more on the page", "and %(n)s more on the page", number)
    return words % {"n": number} if number > 0 else ""


def _lines(context: dict[str, Any]) -> Iterable[str]:
    """The same letter in plain text."""
    yield context["head"]
    day = format_date(context["today"], language())
    yield " · ".join(filter(None, (day, context["late_words"])))
    for place, kinds in context["places"]:
        mark = f" ({_('Example data')})" if place.is_example else ""
        yield f"\n{place.name or _('All cities')}{mark}"
        for kind, rows in kinds:
            yield f"\n{kind}"
            for wait, words in rows:
                due = f" ({format_date(wait.due, language())}, {words})" if wait.due else ""
                yield f"- {wait.title}{due}\n  {context['home']}{wait.url}"
    if context["more_words"]:
        yield f"\n{context['more_words']}"
    yield f"\n{_('All of it on one page')}: {context['waits_url']}"
    yield f"\n--\n{_('You asked for this letter in Khlong.')}\n{_('Stop the letters')}: {context['stop_url']}"
