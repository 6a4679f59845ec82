"""Pages of those who speak; those of who answer stand in `answer_urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from khlong.deliberation.answer_urls import answer_patterns
from khlong.deliberation.views import circles, rounds, said, scribe, speak

app_name = "deliberation"
speaking_patterns: list[URLPattern] = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("cities/<slug:slug>/rounds/add/", rounds.add_round, name="add_round"),
    path("rounds/<str:ref>/", rounds.round_page, name="round"),
    path("rounds/<str:ref>/edit/", rounds.edit_round, name="edit_round"),
    path("rounds/<str:ref>/end/", rounds.end_round, name="end_round"),
    path("rounds/<str:ref>/circles/", circles.circles, name="circles"),
    path("rounds/<str:ref>/circles/add/", circles.add_circle, name="add_circle"),
    path("rounds/<str:ref>/circles/<int:pk>/edit/", circles.edit_circle, name="edit_circle"),
    path("rounds/<str:ref>/circles/<int:pk>/link/", circles.link_circle, name="link_circle"),
    path("rounds/<str:ref>/circles/<int:pk>/withdraw/", circles.withdraw_circle, name="withdraw_circle"),
    path("k/<str:token>/", circles.open_circle, name="open_circle"),
    path("circle/", circles.circle, name="circle"),
    path("rounds/<str:ref>/speak/", speak.suggest, name="suggest"),
    path("rounds/<str:ref>/speak/<str:item>/", speak.speak, name="suggest_at"),
    path("rounds/<str:ref>/said/", said.said_page, name="said"),
    path("rounds/<str:ref>/scribe/", scribe.scribe, name="scribe"),
    path("rounds/<str:ref>/scribe/<str:item>/", scribe.scribe_at, name="scribe_at"),
    path("rounds/<str:ref>/sheets/<str:item>.pdf", scribe.sheets, name="sheets"),
    path("receipt/", said.receipt, name="receipt"),
    path("s/<str:code>/", said.open_receipt, name="open_receipt"),
    path("suggestions/<str:ref>/", said.suggestion, name="suggestion"),
    path("suggestions/<str:ref>/agree/", said.agree, name="agree"),
    path("suggestions/<str:ref>/hide/", said.hide, name="hide"),
    path("suggestions/<str:ref>/show/", said.show, name="show"),
    path("suggestions/<str:ref>/place/", said.decide, name="decide"),
]
urlpatterns = [*answer_patterns, *speaking_patterns]
