from __future__ import annotations

from django.urls import path

from khlong.assessment import finding_views, views

app_name = "assessment"
urlpatterns = [
    path("events/", views.events, name="events"),
    path("events/add/", views.add_event, name="add_event"),
    path("events/<str:ref>/", views.event, name="event"),
    path("events/<str:ref>/edit/", views.edit_event, name="edit_event"),
    path("findings/", finding_views.all_findings, name="all_findings"),
    path("cities/<slug:slug>/findings/", finding_views.findings, name="findings"),
    path("cities/<slug:slug>/findings/add/", finding_views.add_finding, name="add_finding"),
    path("findings/<str:ref>/", finding_views.finding, name="finding"),
    path("findings/<str:ref>/edit/", finding_views.edit_finding, name="edit_finding"),
    path("findings/<str:ref>/check/", finding_views.validate_finding, name="validate_finding"),
    path("findings/<str:ref>/publish/", finding_views.publish_finding, name="publish_finding"),
    path("findings/<str:ref>/withdraw/", finding_views.withdraw_finding, name="withdraw_finding"),
]
