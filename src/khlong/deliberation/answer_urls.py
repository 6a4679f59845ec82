"""Pages of those who answer: included by `urls`."""

from __future__ import annotations

from django.urls import URLPattern

answer_patterns: list[URLPattern] = []
