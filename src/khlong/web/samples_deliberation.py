"""Names of the pages of rounds of review: no data file holds a round, so the tests of their room open them."""

from __future__ import annotations

POST_ONLY = frozenset(
    {
        f"deliberation:{name}"
        for name in (
            "end_round",
            "link_circle",
            "withdraw_circle",
            "agree",
            "hide",
            "show",
            "decide",
            "judge",
            "answer_several",
        )
    }
)
NEEDS_A_LINK = frozenset({"deliberation:open_circle", "deliberation:circle", "deliberation:open_receipt"})
NOT_IN_THE_DATA = frozenset(
    {
        f"deliberation:{name}"
        for name in (
            "round",
            "edit_round",
            "circles",
            "add_circle",
            "edit_circle",
            "suggest",
            "suggest_at",
            "said",
            "scribe",
            "scribe_at",
            "sheets",
            "suggestion",
        )
    }
)
