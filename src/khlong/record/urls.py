from __future__ import annotations

from django.urls import path

from khlong.record import views

app_name = "record"
urlpatterns = [
    path("files/<uuid:uuid>/", views.file, name="file"),
    path("files/<uuid:uuid>/<int:width>/", views.picture, name="picture"),
]
