"""What the side of those who answer registers when the room is loaded: guards, gaps, what waits."""

from __future__ import annotations

from khlong.deliberation import answering, gaps, gates, verdicts, waits  # noqa: F401
