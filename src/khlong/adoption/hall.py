"""What a hall takes along and brings home of proposals. Their papers go with them; links for an answer stay here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.adoption import actions
from khlong.adoption.models import Adoption, BudgetLine, Proposal, Step
from khlong.chain.hall.documents import RowDocument, ThingDocument, register, stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.chain.models import Visibility
from khlong.people.actor import Actor


def _show(actor: Actor, proposal: Proposal, visibility: Visibility) -> None:
    public = visibility == Visibility.PUBLIC
    (actions.publish_proposal if public else actions.withdraw_proposal)(actor, proposal)


travels(Step)
travels(Adoption)
travels(BudgetLine)
register(ThingDocument(Proposal, actions.save_proposal, order=62, show=_show))
register(RowDocument(Step, actions.save_step, order=63, whole="proposal"))
register(
    RowDocument(
        Adoption,
        actions.save_adoption,
        order=64,
        whole="proposal",
        take_away=actions.remove_adoption,
    )
)
register(
    RowDocument(
        BudgetLine,
        actions.save_budget_line,
        order=65,
        whole="proposal",
        take_away=actions.remove_budget_line,
    )
)
stays_in_the_hall(
    "adoption.reply.make", _("Links for an answer that were made in the hall stay there. Make new ones here.")
)
stays_in_the_hall(
    "adoption.reply.answer",
    _("What an office answered in the hall stays there. Note it here as a step, with its letter."),
)
