from __future__ import annotations

from django.urls import path

from khlong.reports import views

app_name = "reports"
urlpatterns = [
    path("logframe/", views.logframes, name="logframes"),
    path("logframe/ref/<str:ref>/", views.by_ref, name="by_ref"),
    path("programmes/<slug:slug>/logframe/", views.logframe, name="logframe"),
    path("programmes/<slug:slug>/logframe/edit/", views.edit_logframe, name="edit_logframe"),
    path("programmes/<slug:slug>/logframe/export.<slug:kind>", views.export, name="export"),
    path("programmes/<slug:slug>/logframe/results/add/", views.add_result, name="add_result"),
    path("programmes/<slug:slug>/logframe/periods/add/", views.add_period, name="add_period"),
    path("logframe/results/<int:pk>/", views.edit_result, name="edit_result"),
    path("logframe/results/<int:pk>/lines/add/", views.add_line, name="add_line"),
    path("logframe/lines/<int:pk>/", views.edit_line, name="edit_line"),
    path("logframe/periods/<int:pk>/", views.edit_period, name="edit_period"),
    path("logframe/periods/<int:pk>/freeze/", views.freeze, name="freeze"),
    path("logframe/<slug:what>/<int:pk>/remove/", views.remove, name="remove"),
]
