"""What a hall takes along of rounds: rounds and what was said and answered, to be read there.

A round that is changed in the hall comes home. Links stay at home: they lead to the server's own address.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import ThingDocument, register, stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.deliberation.models import Agreement, AnchorMove, Answer, Circle, Round, Suggestion, Verdict
from khlong.deliberation.rounds import save_round

travels(Circle, instead={"digest": None, "bound_to": ""})
for _model in (Suggestion, Answer, Verdict, AnchorMove, Agreement):
    travels(_model)
register(ThingDocument(Round, save_round, order=70))
for _action in ("deliberation.suggestion.make", "deliberation.suggestion.note"):
    stays_in_the_hall(
        _action,
        _(
            "Suggestions made in the hall stay there. Print them before the hall is closed, and enter them here."
        ),
    )
