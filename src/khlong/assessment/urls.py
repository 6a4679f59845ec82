from __future__ import annotations

from django.urls import path

from khlong.assessment import views

app_name = "assessment"
urlpatterns = [
    path("events/", views.events, name="events"),
    path("events/add/", views.add_event, name="add_event"),
    path("events/<str:ref>/", views.event, name="event"),
    path("events/<str:ref>/edit/", views.edit_event, name="edit_event"),
]
