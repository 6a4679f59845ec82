"""What a hall takes along and brings home of the logframe: its name; results, lines and periods stay on the server."""

from __future__ import annotations

from khlong.chain.hall.documents import ThingDocument, register
from khlong.reports import actions
from khlong.reports.models import Logframe

register(ThingDocument(Logframe, actions.save_logframe, order=95))
