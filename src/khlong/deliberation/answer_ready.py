"""What the side of those who answer registers when the room is loaded: guards, gaps, what waits, panels."""

from __future__ import annotations
