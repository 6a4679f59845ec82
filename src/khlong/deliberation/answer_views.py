"""Pages of those who answer: the table of a round, one answer, several at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from khlong.chain.policies import READERS
from khlong.deliberation import answering, table
from khlong.deliberation.answering import Reply
from khlong.deliberation.forms_answers import AnswerForm, SeveralForm, TableForm
from khlong.deliberation.models import Round, Suggestion
from khlong.deliberation.standing import (
    CHANGING,
    due,
    last_answer,
    on_the_table,
    owed,
    table_figures,
    with_answers,
)
from khlong.deliberation.wording import Proposal, difference, proposed
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import EditConflict, Refused
from khlong.strategy.models import Language, PassageRevision

PER_PAGE = 20
MOST_OTHERS = 50


# --- the table -----------------------------------------------------------------------------------------


def answers(request: HttpRequest, ref: str) -> HttpResponse:
    """What was said in a round and what became of it, for those who answer and those who look over them."""
    return _table(request, _round(request, ref))


def _round(request: HttpRequest, ref: str) -> Round:
    actor = actor_of(request)
    rows = Round.objects.select_related("node__space", "plan__city", "plan__node", "version")
    found = get_object_or_404(scope(actor, rows), node__ref=ref)
    if not (actor.is_system or actor.is_steward or actor.holds(found.space_id, *READERS)):
        raise Refused(
            _("Only the working group of this city answers. Each answer stands with its suggestion.")
        )
    return found


def _table(
    request: HttpRequest, found: Round, several: SeveralForm | None = None, *, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    asked = request.GET if several is None else QueryDict(several.data.get("back", ""))
    groups = table.groups(found)
    form = TableForm(asked, items=table.passages(found), groups=groups)
    form.is_valid()
    rows = table.narrowed(found, form.cleaned_data, groups)
    figures, number = table_figures(found, rows)
    paginator = Paginator(with_answers(rows), PER_PAGE)
    paginator.__dict__["count"] = number  # counted with the figures
    page = paginator.get_page(asked.get("page"))
    may_answer = can(actor, Verb.CHANGE, found)
    context: dict[str, Any] = {
        "round": found,
        "city": found.plan.city,
        "form": form,
        "page_obj": page,
        "figures": figures,
        "due": due(found),
        "may_answer": may_answer,
        "several": (several or SeveralForm(found=found, actor=actor, initial={"back": asked.urlencode()}))
        if may_answer
        else None,
        "chosen": several.data.getlist("chosen") if several is not None else [],  # type: ignore[attr-defined]
        "back": asked.urlencode(),
        "is_example": found.node.is_example,
    }
    return render(request, "deliberation/answers.html", context, status=status)


def _back_to(found: Round, back: str, ref: str = "") -> HttpResponse:
    """To the table as it was narrowed, at a row; only what stood in its address is taken over."""
    query = QueryDict(back).urlencode()
    address = reverse("deliberation:answers", args=[found.ref]) + (f"?{query}" if query else "")
    return redirect(f"{address}#{ref}" if ref else address)


# --- one answer ----------------------------------------------------------------------------------------


def answer_one(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer one suggestion. Fetched into the table where there is JavaScript, a page of its own where not."""
    suggestion = _suggestion(request, ref)
    found = _answering_round(request, suggestion)
    page = AnswerPage(request, suggestion, found)
    if request.method != "POST":
        return page.shown(200)
    status, conflict = page.take()
    return page.shown(status, conflict) if status != 302 else page.onward()


def _suggestion(request: HttpRequest, ref: str) -> Suggestion:
    rows = with_answers(Suggestion.objects.select_related("round__plan__city", "round__version"))
    suggestion = get_object_or_404(scope(actor_of(request), rows), node__ref=ref)
    if not can(actor_of(request), Verb.CHANGE, suggestion):
        raise Refused(
            _("Only the working group of this city answers. Each answer stands with its suggestion.")
        )
    return suggestion


def _answering_round(request: HttpRequest, suggestion: Suggestion) -> Round:
    """The round in whose table it is answered: a late one's is the next, where there is one."""
    asked = request.GET.get("round") or request.POST.get("round")
    if asked and asked != suggestion.round.ref:
        rows = scope(actor_of(request), Round.objects.select_related("node__space", "plan__city"))
        found = rows.filter(plan=suggestion.round.plan_id, node__ref=asked).first()
        if found is not None:
            return found
    return suggestion.round


class AnswerPage:
    """One suggestion with the form that answers it and the words that it proposes."""

    def __init__(self, request: HttpRequest, suggestion: Suggestion, found: Round) -> None:
        self.request, self.suggestion, self.found = request, suggestion, found
        self.actor = actor_of(request)
        rows = PassageRevision.objects.filter(passage__item=suggestion.item_id, lang=Language.THAI)
        self.newest = rows.order_by("-number").first()
        self.proposal = self._proposal()
        last = last_answer(suggestion)
        self.after = last.number if last else 0
        self.form = self._form()

    def _proposal(self) -> Proposal:
        said, now = self.suggestion, self.newest.text if self.newest else ""
        if said.revision.lang != Language.THAI:
            return Proposal(now, fits=not said.instead)
        return proposed(said.revision.text, now, said.start, said.end, said.instead)

    def _form(self) -> AnswerForm:
        initial = {
            "text": self.proposal.text,
            "base": self.newest.number if self.newest else 0,
            "after": self.after,
            "back": self.request.GET.get("back", ""),
        }
        return AnswerForm(
            self.request.POST or None,
            found=self.found,
            actor=self.actor,
            voice=self.suggestion.voice,
            initial=initial,
            auto_id=f"id_{self.suggestion.ref}_%s",
        )

    def take(self) -> tuple[int, EditConflict | None]:
        """Save what was sent: 302, or 422 and 409 with what was typed kept in the form."""
        if not self.form.is_valid():
            return 422, None
        data = self.form.cleaned_data
        changes = data["outcome"] in CHANGING
        reply = Reply(
            data["outcome"],
            data["reason_th"],
            data["reason_en"],
            with_other=data["with_other"] if data["outcome"] == "merged" else None,
            decision=data["decision"],
            text=data["text"] if changes else "",
            base=data["base"],
        )
        try:
            answering.answer(self.actor, self.suggestion, reply, after=data["after"])
        except ValidationError as error:
            add_errors(self.form, error)
            return 422, None
        except EditConflict as conflict:
            self._start_from(conflict)
            return 409, conflict
        return 302, None

    def _start_from(self, conflict: EditConflict) -> None:
        name = "base" if "text" in conflict.current else "after"
        data = self.form.data.copy()  # type: ignore[attr-defined]
        data[name] = str(conflict.revision)
        self.form.data = data

    def shown(self, status: int, conflict: EditConflict | None = None) -> HttpResponse:
        inline = self.request.headers.get("HX-Request") == "true" and status == 200
        said = self.suggestion
        context = {
            "suggestion": said,
            "round": self.found,
            "city": said.round.plan.city,
            "form": self.form,
            "proposal": self.proposal,
            "pieces": difference(self.newest.text, self.proposal.text) if self.newest else [],
            "others": self._others(),
            "conflict": conflict,
            "inline": inline,
            "is_example": said.node.is_example,
        }
        name = "deliberation/answer_form.html" if inline else "deliberation/answer.html"
        return render(self.request, name, context, status=status)

    def _others(self) -> list[Suggestion]:
        """What else was said at the same passage, to be merged with."""
        rows = on_the_table(self.found).filter(item=self.suggestion.item_id).exclude(pk=self.suggestion.pk)
        return list(rows.select_related("node").order_by("node__ref")[:MOST_OTHERS])

    def onward(self) -> HttpResponse:
        messages.success(self.request, _("%(ref)s is answered.") % {"ref": self.suggestion.ref})
        back: str = self.form.cleaned_data["back"]
        if "next" in self.request.POST:
            following = owed(on_the_table(self.found)).order_by("item__order", "item", "start", "node__ref")
            ref = following.values_list("node__ref", flat=True).first()
            if ref is not None:
                where = QueryDict(mutable=True)
                where.update({"round": self.found.ref, "back": back})
                return redirect(f"{reverse('deliberation:answer', args=[ref])}?{where.urlencode()}")
            messages.success(self.request, _("Nothing is owed an answer any more."))
        return _back_to(self.found, back, self.suggestion.ref)


def add_errors(form: BaseForm, error: ValidationError) -> None:
    """Put an action's errors at their fields; what no field bears stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, said in error.message_dict.items():
        form.add_error(name if name in form.fields else None, said)


# --- several at once -----------------------------------------------------------------------------------


@require_POST
def answer_several(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer all ticked suggestions with one reason."""
    found = _round(request, ref)
    if not can(actor_of(request), Verb.CHANGE, found):
        raise Refused(
            _("Only the working group of this city answers. Each answer stands with its suggestion.")
        )
    form = SeveralForm(request.POST, found=found, actor=actor_of(request))
    if not form.is_valid():
        return _table(request, found, form, status=422)
    data = form.cleaned_data
    reply = Reply(
        data["outcome"],
        data["reason_th"],
        data["reason_en"],
        with_other=data["with_other"] if data["outcome"] == "merged" else None,
        decision=data["decision"],
    )
    try:
        made = answering.answer_several(actor_of(request), data["chosen"], reply)
    except ValidationError as error:
        add_errors(form, error)
        return _table(request, found, form, status=422)
    except EditConflict as conflict:
        words = _(
            "%(by)s answered one of these meanwhile. Nothing was saved. Look at the list, and tick again."
        )
        form.add_error(None, words % {"by": conflict.by})
        return _table(request, found, form, status=409)
    words = ngettext("%(n)s suggestion is answered.", "%(n)s suggestions are answered.", len(made))
    messages.success(request, words % {"n": len(made)})
    return _back_to(found, data["back"])
