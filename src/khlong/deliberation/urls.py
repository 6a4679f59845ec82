"""Pages of those who speak; those of who answers stand in `answer_urls`."""

from __future__ import annotations

from django.urls import URLPattern

from khlong.deliberation.answer_urls import answer_patterns

app_name = "deliberation"
speaking_patterns: list[URLPattern] = []
urlpatterns = [*speaking_patterns, *answer_patterns]
