"""Pages of one pilot or one value, of which no data file holds any: the tests of their room make some and open them."""

from __future__ import annotations

OF_PILOTS = frozenset(
    {
        "pilots:pilot",
        "pilots:edit_pilot",
        "pilots:history",
        "pilots:add_step",
        "pilots:edit_step",
        "pilots:add_change",
        "pilots:add_lesson",
        "pilots:edit_lesson",
        "pilots:activities",
        "pilots:add_activity",
        "pilots:edit_activity",
        "pilots:money",
        "pilots:add_line",
        "pilots:edit_line",
        "pilots:add_expense",
        "pilots:expense",
        "pilots:edit_expense",
        "pilots:add_pilot_value",
        "pilots:hand_over",
        "pilots:download",
        "pilots:value",
        "pilots:edit_value",
        "pilots:recompute",
    }
)
