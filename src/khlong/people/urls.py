from __future__ import annotations

from django.urls import path

from khlong.people import views

app_name = "people"
urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
]
