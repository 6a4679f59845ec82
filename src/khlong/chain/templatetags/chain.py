from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from khlong.chain.beside import beside as both_sides
from khlong.chain.history import writer_name
from khlong.chain.models import Node
from khlong.people.middleware import actor_of

register = template.Library()


@register.filter
def writer(by: str) -> str:
    """Who wrote, as the history names them."""
    return writer_name(by)


@register.inclusion_tag("chain/beside.html", takes_context=True)
def beside(context: Context, node: Node) -> dict[str, Any]:
    """{% beside thing.node %}: what a thing rests on and what came of it, as a column beside its page.

    It stands as the second part of a book, and below it on a phone; three queries::

        <div class="book"><div> … the thing … </div>{% beside thing.node %}</div>
    """
    return {"both": both_sides(node, actor_of(context["request"])), "node": node}
