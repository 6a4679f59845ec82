"""The tags and filters every page is made of. /components/ shows each with the words to write."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.thai.dates import Span, Style
from khlong.thai.money import format_baht
from khlong.ui import nav
from khlong.ui.canal import Canal, Stage, Strand, table
from khlong.ui.course import Course
from khlong.ui.course import drawn as drawn_course
from khlong.ui.drawing import TALL, TALL_NAMES, Words, lanes_per_picture, tall, tall_name, wide
from khlong.ui.figures import (
    FigureRow,
    MapCity,
    Moment,
    Stream,
    per_cent,
    placed,
    scale_end,
    sluice_side,
    stream_paths,
)
from khlong.ui.measure import wrap
from khlong.ui.text import (
    THAI,
    amount_text,
    counted_text,
    day_html,
    era,
    language,
    no_break,
    phrases,
    span_html,
)
from khlong.ui.text import address as text_address

register = template.Library()


# --- text ------------------------------------------------------------------------------------------


@register.filter
def when(span: Span | None, style: Style = "long") -> SafeString:
    """{{ span|when }} or {{ span|when:"short" }}"""
    return span_html(span, style)


@register.filter
def day(value: date | None, style: Style = "long") -> SafeString:
    """{{ date|day }} or {{ date|day:"short" }}; of a moment the day that it is here"""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return day_html(value, style)


@register.filter
def nb(text: Any) -> SafeString:
    """{{ text|nb }}: escaped, with the pieces that must not break kept whole."""
    return no_break(text)


@register.filter
def address(text: str) -> SafeString:
    """{{ address|address }}: lines end at slashes only"""
    return text_address(text)


@register.filter
def amount(number: Any) -> str:
    """{{ number|amount }}: 13,398 or 6.68"""
    return amount_text(number)


register.filter("era", era)


@register.filter
def counted(number: Any, unit: str) -> str:
    """{{ number|counted:unit }}: 7 hours, 7 ชั่วโมง, ร้อยละ 78"""
    return counted_text(number, unit)


@register.filter
def baht(satang: int | None) -> SafeString | str:
    """{{ satang|baht }}: 1,850,000 บาท, unbroken"""
    if satang is None:
        return ""
    return format_html('<span class="nb">{}</span>', format_baht(satang, language()))


@register.filter
def plain(number: float) -> str:
    """A number as SVG reads it, whatever the reader's language."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


@register.inclusion_tag("ui/parts/bilingual.html")
def bilingual(th: str, en: str = "") -> dict[str, Any]:
    """{% bilingual thing.name_th thing.name_en %}: the reader's language, or Thai that says it is Thai."""
    english = language() == "en"
    return {
        "text": en if english and en else th,
        "thai_only": english and not en and bool(THAI.search(str(th or ""))),
    }


@register.simple_tag
def ref(code: str) -> SafeString:
    """{% ref node.ref %}: a reference code, unbroken and left alone by translators."""
    return format_html('<span class="refcode" translate="no">{}</span>', code)


@register.simple_tag
def vision(th: str, en: str = "") -> SafeString:
    """{% vision leaf.text leaf.english %}: a vision between quotation marks, breaking between its phrases."""
    english = language() == "en" and bool(en)
    return phrases(en if english else th, quoted=True)


@register.filter(name="phrases")
def phrases_filter(text: str) -> SafeString:
    """{{ text|phrases }}: a heading that breaks between its phrases."""
    return phrases(text)


@register.inclusion_tag("ui/parts/unpublished.html")
def unpublished(label: str = "") -> dict[str, Any]:
    """{% unpublished label %}: hatched grey, for what a real city has and has not published."""
    return {"label": label}


@register.inclusion_tag("ui/dry.html")
def dry(words: str, button: str = "", url: str = "") -> dict[str, Any]:
    """{% dry words button url %}: something missing that somebody can mend, with the button beside it."""
    return {"words": words, "button": button, "url": url}


# --- the head of the page --------------------------------------------------------------------------


def _request(context: Context) -> HttpRequest | None:
    request = context.get("request")
    return request if isinstance(request, HttpRequest) else None


@register.inclusion_tag("ui/parts/nav.html", takes_context=True)
def main_nav(context: Context, current: str = "") -> dict[str, Any]:
    """{% main_nav %}, or {% main_nav current="places:cities" %} where the address does not tell."""
    found = nav.items(_request(context), current)
    return {"items": found, "shape": nav.shape(found)}


@register.inclusion_tag("ui/parts/bars.html", takes_context=True)
def bars(context: Context) -> dict[str, Any]:
    """{% bars %}: what lasts just now, over every page; see `ui.nav.bar`."""
    return {"bars": nav.bars(_request(context))}


@register.inclusion_tag("ui/parts/search.html")
def search_form(place: str, typed: str = "") -> dict[str, Any]:
    """{% search_form "home" %}: one field and a button; `place` tells the fields of one page apart."""
    return {"url": nav.search_url(), "place": place, "typed": typed}


@register.simple_tag
def foot_links() -> list[nav.Item]:
    """{% foot_links as links %}: what rooms offer in the foot of every page."""
    return nav.foot()


@register.simple_tag
def brand_url() -> str:
    """The address of the home page."""
    return nav.resolved("home") or "/"


@register.inclusion_tag("ui/parts/account.html", takes_context=True)
def account(context: Context) -> dict[str, Any]:
    """Who is signed in, signing in and out, and the switch to the other language, which keeps the page."""
    request = _request(context)
    signin, signout = nav.sign_in_urls()
    other = {"code": "th", "name": "ไทย"} if language() == "en" else {"code": "en", "name": "English"}
    return {
        "name": _account_name(getattr(request, "user", None)),
        "account": nav.account_url(),
        "waiting": nav.waiting(request),
        "signin": signin,
        "signout": signout,
        "switch": nav.resolved("set_language"),
        "here": request.get_full_path() if request is not None and request.method == "GET" else "",
        "other": other,
        "csrf_token": context.get("csrf_token"),
    }


def _account_name(user: Any) -> str:
    if user is None or not user.is_authenticated:
        return ""
    return str(user)


@register.inclusion_tag("ui/parts/scripts.html", takes_context=True)
def ui_scripts(context: Context) -> dict[str, Any]:
    """{% ui_scripts %} inside {% block scripts %}, only on pages that need htmx."""
    request = _request(context)
    return {"nonce": getattr(request, "csp_nonce", "")}


# --- pictures --------------------------------------------------------------------------------------


@register.inclusion_tag("ui/parts/sluice.html")
def sluice(
    up: int,
    down: int,
    label: str = "",
    url: str = "",
    *,
    dry: bool = False,
    unpublished: bool = False,
) -> dict[str, Any]:
    """{% sluice up down label url dry=True %}: upstream links before the gate, downstream ones after it.

    `label` names the thing; the numbers are added to it for people who cannot see the mark.
    """
    numbers = _("upstream %(up)s, downstream %(down)s") % {"up": up, "down": down}
    words = f"{label} {_('not published') if unpublished else numbers}".strip()
    return {
        "up": sluice_side(up, dry),
        "down": sluice_side(down, dry),
        "label": words,
        "url": url,
        "unpublished": unpublished,
        "key": _key("g", label, url),
    }


def _key(prefix: str, *parts: object) -> str:
    return f"{prefix}{zlib.crc32(repr(parts).encode()):08x}"


def _stretch_words(columns: Iterable[tuple[Stage, Stage]]) -> list[str]:
    return [_("%(up)s to %(down)s") % {"up": a.label, "down": b.label} for a, b in columns]


@register.inclusion_tag("ui/parts/canal.html")
def canal(picture: Canal) -> dict[str, Any]:
    """{% canal picture %}: the canal for a khlong.ui.canal.Canal, with the table that says the same."""
    words = Words(dry=_("dry"), unpublished=_("not published"))
    columns, rows = table(picture)
    heads = _stretch_words(columns)
    ends = [_("to %(down)s") % {"down": down.label} for _up, down in columns]
    return {
        "canal": picture,
        "title": picture.title or _("The canal"),
        "wide": wide(picture, words),
        "tall": [(f"{picture.key}{place}", one) for place, one in enumerate(tall(picture, words))],
        "key_wide": f"{picture.key}w",
        "per": picture.per,
        "numbered": _numbered(picture),
        "columns": heads,
        "rows": [{"label": r.label, "url": r.url, "cells": zip(ends, r.cells, strict=True)} for r in rows],
        "single": list(zip(heads, rows[0].cells, strict=True)) if _is_single(picture) else None,
    }


@register.inclusion_tag("ui/parts/course.html")
def course(picture: Course) -> dict[str, Any]:
    """{% course picture %}: the water through one thing, for a khlong.ui.course.Course; a list on phones and paper."""
    title = _("Upstream and downstream of %(thing)s") % {"thing": picture.here.ref}
    return {"course": picture, "d": drawn_course(picture, _("and %(n)s more")), "title": title}


def _is_single(picture: Canal) -> bool:
    return len(picture.strands) == 1 and not picture.strands[0].label


def _numbered(picture: Canal) -> list[tuple[str, str]]:
    """The strands that bear a number on phones because their name does not fit, with the name."""
    groups: list[list[tuple[int, Strand]]] = lanes_per_picture(picture)
    found = []
    for group in groups:
        room = (TALL - TALL_NAMES) / len(group) - 4
        for place, strand in group:
            if strand.label and tall_name(picture, place, room) == str(place + 1):
                found.append((str(place + 1), strand.label))
    return found


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(items: Iterable[Moment]) -> dict[str, Any]:
    """{% timeline moments %}: khlong.ui.figures.Moment in the order given."""
    return {"items": items}


@register.inclusion_tag("ui/parts/dots.html")
def dots(rows: Sequence[FigureRow], caption: str = "") -> dict[str, Any]:
    """{% dots rows caption %}: values that disagree, on one scale; none is called right."""
    end = scale_end(rows)
    unit = rows[0].unit if rows else ""
    words = _("0 to %(end)s %(unit)s") % {"end": amount_text(end), "unit": unit}
    return {"rows": [_dot(row, end) for row in rows], "caption": caption, "unit": unit, "scale": words}


def _dot(row: FigureRow, end: Decimal) -> tuple[FigureRow, float | None, float, float]:
    """The row, and in per cent of the scale its value, the start of its range and the range's length."""
    low, high = per_cent(row.low, end), per_cent(row.high, end)
    if low is None or high is None:
        return row, per_cent(row.value, end), 0.0, 0.0
    return row, per_cent(row.value, end), low, round(high - low, 1)


@register.filter
def figure_words(row: FigureRow) -> str:
    """A figure's value and range in words, for people who cannot see the dot."""
    if row.value is None:
        return _("not published")
    words = f"{row.mark} {amount_text(row.value)} {row.unit}".strip()
    if row.low is None or row.high is None:
        return words
    reach = {"words": words, "low": amount_text(row.low), "high": amount_text(row.high)}
    return _("%(words)s, between %(low)s and %(high)s") % reach


@register.inclusion_tag("ui/parts/streams.html")
def streams(names: Iterable[Stream | str], target: str) -> dict[str, Any]:
    """{% streams groups target %}: equal streams into one home; for groups whose number nobody knows."""
    groups = [name if isinstance(name, Stream) else Stream(str(name)) for name in names]
    return {"groups": groups, "paths": stream_paths(len(groups)), "target": target}


@register.inclusion_tag("ui/parts/map.html")
def schema_map(places: Sequence[MapCity]) -> dict[str, Any]:
    """{% schema_map cities %}: khlong.ui.figures.MapCity on the schematic map, and in a list below it."""
    hill = [{"text": line, "y": 276 + 24 * row} for row, line in enumerate(wrap(_("Banthat Range"), 70))]
    return {"places": placed(places), "cities": places, "hill": hill, "key": _key("m", places)}


KINDS = ("structural", "ecosystem", "hybrid", "social", "institutional")


def kind_words(kind: str) -> str:
    """The name of a kind of measure in the reader's language."""
    return {
        "structural": _("structural"),
        "ecosystem": _("ecosystem"),
        "hybrid": _("hybrid"),
        "social": _("social"),
        "institutional": _("institutional"),
    }.get(kind, kind)


@register.inclusion_tag("ui/parts/kind.html")
def kind(name: str, label: str = "") -> dict[str, Any]:
    """{% kind measure.kind %}: the glyph and the name; kinds differ by form, not by colour."""
    return {"kind": name, "label": label or kind_words(name)}


MOST_GLYPHS = 12


@register.inclusion_tag("ui/parts/mix.html")
def mix(counts: dict[str, int]) -> dict[str, Any]:
    """{% mix counts %}: one glyph per measure, by kind; over twelve, twelve and the number."""
    rows = [_mix_row(name, counts[name]) for name in KINDS if counts.get(name)]
    return {"rows": rows}


def _mix_row(name: str, count: int) -> tuple[str, str, int, str, dict[str, Any]]:
    drawn = min(count, MOST_GLYPHS)
    rest = count > drawn
    width = 23 * drawn + (32 if rest else 0)
    marks = {"places": [23 * i for i in range(drawn)], "width": width, "rest": rest}
    words = ngettext("%(n)s measure", "%(n)s measures", count) % {"n": count}
    return kind_words(name), name, count, words, marks | {"rest_x": 23 * drawn + 4}


@register.inclusion_tag("ui/parts/progress.html")
def progress(percent: int, label: str = "") -> dict[str, Any]:
    """{% progress 62 label %}: how far a job is."""
    return {"percent": max(0, min(100, int(percent))), "label": label or _("Progress")}


# --- lists and forms -------------------------------------------------------------------------------


@register.inclusion_tag("ui/parts/pagination.html", takes_context=True)
def pagination(context: Context, page_obj: Page[Any], parameter: str = "page") -> dict[str, Any]:
    """{% pagination page_obj %}: keeps the rest of the query string."""
    request = _request(context)

    def address(number: int) -> str:
        query = request.GET.copy() if request is not None else None
        if query is None:
            return f"?{parameter}={number}"
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    shown = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    numbers = [(n, address(n)) if isinstance(n, int) else (0, "") for n in shown]
    return {
        "page": page_obj,
        "numbers": numbers,
        "previous": address(page_obj.number - 1),
        "next": address(page_obj.number + 1),
    }


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """{% field form.name %}: label, help, error and control, tied together; what was typed stays."""
    group = _is_group(bound)
    described = _described(bound)
    attrs: dict[str, Any] = {} if group else {"aria-describedby": described or None}
    if bound.errors and not group:
        attrs["aria-invalid"] = "true"
    if bound.field.required and not group:
        attrs["aria-required"] = "true"
    return {
        "hidden": bound.is_hidden,
        "group": group,
        "check": isinstance(bound.field.widget, CheckboxInput),
        "id": bound.id_for_label or bound.auto_id,
        "label": bound.label,
        "help": bound.help_text,
        "help_id": f"{bound.auto_id}_help",
        "error_id": f"{bound.auto_id}_error",
        "errors": list(bound.errors),
        "required": bound.field.required,
        "described": described,
        "widget": _in_one(bound.as_widget(attrs={key: value for key, value in attrs.items() if value})),
    }


CHOICE_WORDS = re.compile(r"(<label[^>]*>\s*<input[^>]*>)\s*([^<\s][^<]*?)\s*(</label>)")


def _in_one(widget: str) -> SafeString:
    """The words beside a box to tick as one element, or a reference among them would stand in a column of its own."""
    return SafeString(CHOICE_WORDS.sub(r"\1 <span>\2</span>\3", widget))


def _described(bound: BoundField) -> str:
    parts = [f"{bound.auto_id}_help"] if bound.help_text else []
    return " ".join([*parts, *([f"{bound.auto_id}_error"] if bound.errors else [])])


def _first_control(bound: BoundField) -> str:
    return f"{bound.auto_id}_0" if _is_group(bound) else bound.id_for_label or bound.auto_id


def _is_group(bound: BoundField) -> bool:
    return isinstance(bound.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.inclusion_tag("ui/parts/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """{% form_errors form %} above the fields: what is wrong, with a way to each field; takes the focus."""
    fields = [
        {"id": _first_control(bound), "label": bound.label, "message": str(message)}
        for bound in form
        for message in bound.errors
    ]
    general = list(form.non_field_errors())
    return {"fields": fields, "general": general, "total": len(fields) + len(general)}
