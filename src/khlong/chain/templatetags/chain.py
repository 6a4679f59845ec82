from __future__ import annotations

from django import template

from khlong.chain.history import writer_name

register = template.Library()


@register.filter
def writer(by: str) -> str:
    """Who wrote, as the history names them."""
    return writer_name(by)
