"""What stands before the adoption of a version: all who were asked had their time, and everybody is answered."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khlong.deliberation.answering import owed_words
from khlong.deliberation.models import Round
from khlong.deliberation.standing import owed_of_plan
from khlong.record.actions import Act, guard
from khlong.record.errors import Refused
from khlong.strategy.models import Plan, Version
from khlong.thai.dates import format_date
from khlong.ui.text import language


@guard("strategy.version.adopt")
def let_people_finish(act: Act, obj: Any) -> None:
    """Refuse while people were promised more days than today to speak; the refusal leads to where a round is ended."""
    plan = obj.plan if isinstance(obj, Version) else obj
    if not isinstance(plan, Plan):
        return
    today = timezone.localdate()
    begun = Round.objects.filter(plan=plan, opens_on__lte=today, closes_on__gt=today).select_related("node")
    running = [one for one in begun if one.ends_on > today]
    if running:
        raise Refused(_still_open(running))


@guard("strategy.version.adopt")
def answers_first(act: Act, obj: Any) -> None:
    """Refuse while an answer is owed; the refusal says how many, and leads to them round by round."""
    plan = obj.plan if isinstance(obj, Version) else obj
    if not isinstance(plan, Plan):
        return
    number = owed_of_plan(plan).count()
    if number:
        raise Refused(_refusal(plan, number))


class Linked(str):
    """Plain words, for a command or a programme; on a page they end in links, also after str()."""

    links: SafeString

    def __str__(self) -> str:
        return self

    def __html__(self) -> str:
        return format_html("{} {}", str.__str__(self), self.links)


def _still_open(running: list[Round]) -> Linked:
    last = max(running, key=lambda one: one.ends_on)
    made = Linked(
        _(
            "People may speak until %(day)s. Adopt the version after that day, "
            "or let today be the last day of the round."
        )
        % {"day": format_date(last.ends_on, language())}
    )
    made.links = format_html_join(
        ", ", '<a href="{}">{}</a>', ((r.get_absolute_url(), r.name) for r in running)
    )
    return made


def _refusal(plan: Plan, number: int) -> Linked:
    rounds = Round.objects.filter(pk__in=owed_of_plan(plan).values("round")).select_related("node")
    links = format_html_join(
        ", ",
        '<a href="{}?state=owed">{}</a>',
        ((reverse("deliberation:answers", args=[one.ref]), one.name) for one in rounds[:10]),
    )
    words = _("A version is adopted when everybody who spoke in time has an answer with its reason.")
    made = Linked(f"{owed_words(number)} {words}")
    made.links = links
    return made
