from __future__ import annotations

from khlong.chain.policies import policy_of
from khlong.assessment.models import Event

policy_of(Event)
