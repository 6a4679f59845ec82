from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from khlong.chain.actions import exact_ref
from khlong.chain.models import Node
from khlong.chain.queries import trace_both
from khlong.people.middleware import actor_of
from khlong.people.policy import scope


def node_or_404(request: HttpRequest, ref: str) -> Node:
    """The node that a person typed, if they may see it; small letters and Thai digits are read too."""
    try:
        exact = exact_ref(ref)
    except ValueError as error:
        raise Http404(str(error)) from error
    node = scope(actor_of(request), Node.objects.select_related("space")).filter(ref=exact).first()
    if node is None:
        raise Http404(exact)
    return node


def go(request: HttpRequest, ref: str) -> HttpResponse:
    """A short address for paper: /r/D-PTG-0012 leads to the page of whatever that is."""
    return redirect(node_or_404(request, ref).get_absolute_url())


def trace_page(request: HttpRequest, ref: str) -> HttpResponse:
    node, actor = node_or_404(request, ref), actor_of(request)
    up, down = trace_both(node, actor)
    context = {"node": node, "up": up, "down": down}
    return render(request, "chain/trace.html", context | {"is_example": node.is_example})
