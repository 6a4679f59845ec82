from __future__ import annotations

from django.urls import path

from khlong.record import views

app_name = "record"
urlpatterns = [
    path("waits/", views.waits, name="waits"),
    path("waits/letter/", views.letter, name="letter"),
    path("waits/stop/<str:token>/", views.stop, name="stop"),
]
