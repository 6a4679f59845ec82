"""Who takes part in the journeys. All have the same password."""

from __future__ import annotations

PASSWORD = "คลองตงไหลลงทะเลสาบ-2568"
MEMBER, COLLEAGUE, OBSERVER, STRANGER = "malee", "somsak", "watcher", "stranger"
OWNER = "darunee"
STEWARD = "wanida"
PEOPLE = {
    OWNER: ("C-PTG", "owner"),
    MEMBER: ("C-PTG", "member"),
    COLLEAGUE: ("C-PTG", "member"),
    OBSERVER: ("C-PTG", "observer"),
    STRANGER: ("C-BYG", "member"),
}
