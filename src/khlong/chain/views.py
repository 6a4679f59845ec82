from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.chain import actions
from khlong.chain.actions import exact_ref
from khlong.chain.finding import PER_PAGE, hits
from khlong.chain.forms import LinkForm
from khlong.chain.models import Edge, EdgeKind, Node
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.record.search import Words, words_of


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


def links_page(request: HttpRequest, ref: str) -> HttpResponse:
    """What a thing is linked to directly, with the means to link it and to take a link away."""
    node, actor = node_or_404(request, ref), actor_of(request)
    if not can(actor, Verb.CHANGE, node):
        raise Refused
    form = LinkForm(request.POST or None, actor=actor, initial={"kind": EdgeKind.RESTS_ON})
    if request.method == "POST" and form.is_valid() and _link(request, node, form):
        return redirect("chain:links", ref=node.ref)
    edges = scope(actor, Edge.objects.select_related("up__space", "down__space")).filter(down=node)
    context = {"node": node, "form": form, "edges": edges.order_by("up__ref"), "is_example": node.is_example}
    return render(request, "chain/links.html", context, status=422 if form.is_bound else 200)


def _link(request: HttpRequest, node: Node, form: LinkForm) -> bool:
    data = form.cleaned_data
    try:
        actions.link(actor_of(request), data["ref"], node, EdgeKind(data["kind"]), across=data["across"])
    except Refused as refused:
        form.add_error("ref", str(refused.reason))
        return False
    messages.success(request, _("Linked."))
    return True


@require_POST
def unlink(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    node, actor = node_or_404(request, ref), actor_of(request)
    rows = scope(actor, Edge.objects.select_related("up__space", "down__space"))
    actions.unlink(actor, get_object_or_404(rows, pk=pk, down=node))
    messages.success(request, _("The link is taken away. Both things stay."))
    return redirect("chain:links", ref=node.ref)


def search_page(request: HttpRequest) -> HttpResponse:
    """Everything the reader may see that holds all the words; 422 for a query in which nothing can be read."""
    typed = request.GET.get("q", "")
    words = words_of(typed)
    number = _page_number(request.GET.get("page", ""))
    answers = SimpleLazyObject(lambda: Answers(words, actor_of(request), number))
    unreadable = bool(typed.strip()) and not words
    context = {"typed": typed.strip()[:200], "words": words, "answers": answers, "unreadable": unreadable}
    return render(request, "chain/search.html", context, status=422 if unreadable else 200)


class Answers:
    """One page of what was found, asked for only when it must be rendered anew."""

    def __init__(self, words: Words, actor: Actor, number: int) -> None:
        self.hits, self.total = hits(words, actor, page=number)
        self.page = Paginator(range(self.total), PER_PAGE).get_page(number)


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1
