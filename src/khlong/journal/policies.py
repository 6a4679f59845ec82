from __future__ import annotations

from khlong.chain.policies import policy_of
from khlong.journal.models import Topic

policy_of(Topic)
