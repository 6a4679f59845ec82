from __future__ import annotations

from khlong.assessment.models import Event
from khlong.chain.policies import policy_of

policy_of(Event)
