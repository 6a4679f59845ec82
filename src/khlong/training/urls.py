from __future__ import annotations

from django.urls import path

from khlong.training import views

app_name = "training"
urlpatterns = [
    path("drop/", views.drop, name="drop"),
    path("drop/<int:number>/", views.step, name="step"),
    path("drop/end/", views.end, name="end"),
    path("drop/shoes/<slug:role>/", views.stand, name="stand"),
]
