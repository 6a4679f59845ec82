from __future__ import annotations

from decimal import Decimal

from django import template

from khlong.reports.paper import number

register = template.Library()


@register.filter
def plain_number(value: Decimal | None) -> str:
    """A value as it is read; a dash for none."""
    return number(value)
