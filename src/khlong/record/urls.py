from __future__ import annotations

from django.urls import path

from khlong.record import file_views, views

app_name = "record"
urlpatterns = [
    path("files/<uuid:uuid>/", file_views.file, name="file"),
    path("files/<uuid:uuid>/<int:width>/", file_views.picture, name="picture"),
    path("waits/", views.waits, name="waits"),
    path("waits/letter/", views.letter, name="letter"),
    path("waits/stop/<str:token>/", views.stop, name="stop"),
]
