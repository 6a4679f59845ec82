from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import get_language

from khlong.reports.paper import ERA, number

register = template.Library()


@register.filter
def plain_number(value: Decimal | None) -> str:
    """A value as it is read; a dash for none."""
    return number(value)


@register.filter
def era(year_be: int) -> int:
    """A year as the reader counts: Buddhist era in Thai, Common Era in English."""
    return year_be - ERA if get_language() == "en" else year_be
