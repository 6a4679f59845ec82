from __future__ import annotations

from django.urls import path

from khlong.record import file_views, job_views, views

app_name = "record"
urlpatterns = [
    path("files/<uuid:uuid>/", file_views.file, name="file"),
    path("files/<uuid:uuid>/<int:width>/", file_views.picture, name="picture"),
    path("jobs/", job_views.jobs, name="jobs"),
    path("jobs/start/", job_views.start, name="start_job"),
    path("jobs/<uuid:uuid>/", job_views.job, name="job"),
    path("jobs/<uuid:uuid>/cancel/", job_views.cancel, name="cancel_job"),
    path("jobs/<uuid:uuid>/retry/", job_views.retry, name="retry_job"),
    path("jobs/news/", job_views.facts, name="facts"),
    path("jobs/news/<int:pk>/retry/", job_views.retry_fact, name="retry_fact"),
    path("waits/", views.waits, name="waits"),
    path("waits/letter/", views.letter, name="letter"),
    path("waits/stop/<str:token>/", views.stop, name="stop"),
]
