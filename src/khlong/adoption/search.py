"""What a reader may find a proposal by."""

from __future__ import annotations

from khlong.chain.models import Kind
from khlong.chain.search import fields_for

fields_for(
    Kind.PROPOSAL,
    "proposal__objective",
    "proposal__outputs",
    "proposal__outcome",
    "proposal__reason",
    "proposal__organisation__name_th",
    "proposal__organisation__name_en",
    "proposal__adoptions__title",
)
