from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from khlong.chain.editing import Edit, edit_page
from khlong.chain.history import history
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.journal import actions
from khlong.journal.forms import TopicForm
from khlong.journal.models import Topic
from khlong.journal.queries import counted_topics, related_to, seen_topics
from khlong.network.spaces import asked_space, writable_spaces
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can
from khlong.places.page import FactsPage

PER_PAGE = 30


def topics(request: HttpRequest) -> HttpResponse:
    """All related topics in their order, paged, with how much is published of each."""
    actor = actor_of(request)
    page = Paginator(counted_topics(actor), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "journal/topics.html",
        {"page_obj": page, "spaces": SimpleLazyObject(lambda: writable_spaces(actor))},
    )


def topic(request: HttpRequest, ref: str) -> HttpResponse:
    """A related topic and what is known of it; where nothing is published, that is said."""
    actor = actor_of(request)
    found = get_object_or_404(seen_topics(actor), node__ref=ref)
    context = {
        "topic": found,
        "page": FactsPage(actor, [found.pk]),
        "related": SimpleLazyObject(lambda: related_to(actor, found.node)),
        "entries": SimpleLazyObject(lambda: history(found)),
        "may_change": can(actor, Verb.CHANGE, found),
        "is_example": found.node.is_example,
    }
    return render(request, "journal/topic.html", context)


def add_topic(request: HttpRequest) -> HttpResponse:
    """Add a topic of the programme, or of the city that `?space=` names."""
    space = asked_space(request)
    last = seen_topics(actor_of(request)).filter(node__space=space).last()
    edit = Edit(
        new_thing(Topic, Kind.TOPIC, space=space, is_example=space.is_example),
        TopicForm,
        actions.save_topic,
        pgettext("related", "Add a topic"),
        reverse("journal:topics"),
        intro=space.title,
        initial={"order": last.order + 1 if last else 1},
        saved=lambda kept: kept.get_absolute_url(),
    )
    return edit_page(request, edit)


def edit_topic(request: HttpRequest, ref: str) -> HttpResponse:
    found = get_object_or_404(seen_topics(actor_of(request)), node__ref=ref)
    back = found.get_absolute_url()
    return edit_page(request, Edit(found, TopicForm, actions.save_topic, _("Edit the topic"), back))
