from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


people = ([path("in/", nothing, name="signin"), path("out/", nothing, name="signout")], "people")
places = ([path("", nothing, name="cities"), path("<slug:slug>/", nothing, name="city")], "places")

urlpatterns = [
    path("", nothing, name="home"),
    path("", include("khlong.ui.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("people/", include(people)),
    path("cities/", include(places)),
]
