"""The register stays at home: keys of people go to no hall, and without them nothing of it can be read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.register.models import Statement

travels(Statement, lambda _trip: Statement._base_manager.none())
for _name in ("register.household.add", "register.person.add", "register.statement.save"):
    stays_in_the_hall(
        _name, _("Households and what they said stay in the hall: enter them here again from the sheets.")
    )
