"""Pages of those who answer: included by `urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from khlong.deliberation import answer_views, heard_views, verdict_views

answer_patterns: list[URLPattern] = [
    path("rounds/<str:ref>/answers/", answer_views.answers, name="answers"),
    path("rounds/<str:ref>/answers/several/", answer_views.answer_several, name="answer_several"),
    path("rounds/<str:ref>/heard/", heard_views.heard, name="heard"),
    path("rounds/<str:ref>/heard/<str:kind>/", heard_views.heard_file, name="heard_file"),
    path("suggestions/mine/", verdict_views.mine, name="mine"),
    path("suggestions/<str:ref>/answer/", answer_views.answer_one, name="answer"),
    path("suggestions/<str:ref>/verdict/", verdict_views.judge, name="judge"),
]
