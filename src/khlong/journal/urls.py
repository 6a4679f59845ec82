from __future__ import annotations

from django.urls import path

from khlong.journal import views

app_name = "journal"
urlpatterns = [
    path("topics/", views.topics, name="topics"),
    path("topics/add/", views.add_topic, name="add_topic"),
    path("topics/<str:ref>/", views.topic, name="topic"),
    path("topics/<str:ref>/edit/", views.edit_topic, name="edit_topic"),
]
