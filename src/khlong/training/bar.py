"""The bar that goes along with a visitor who follows one drop."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.training.drop import ROLES, STEPS, step_of
from khlong.training.views import on_this_machine
from khlong.ui.nav import Bar, bar


@bar
def walk(request: HttpRequest) -> Bar | None:
    """Which step this is, what to look at, the next tap, and whose shoes to stand in; no query but at step four."""
    number = step_of(request)
    if not number or request.path == reverse("training:drop"):
        return None
    step = STEPS[number - 1]
    near = on_this_machine(request)
    more = {
        "number": number,
        "of": len(STEPS),
        "step": step,
        "next": reverse("training:step", args=[number + 1]) if number < len(STEPS) else "",
        "before": reverse("training:step", args=[number - 1]) if number > 1 else "",
        "further": [place for place in step.further() if not place.role or near],
        "role": ROLES[step.role],
        "shoes": [(key, ROLES[key]) for key in ROLES] if near else [],
        "here": request.get_full_path(),
    }
    return Bar(
        _("Follow one drop"), step.look, reverse("training:end"), _("End the walk"), "training/bar.html", more
    )
