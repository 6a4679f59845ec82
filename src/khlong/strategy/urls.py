from __future__ import annotations

from django.urls import path

from khlong.strategy import part_views, version_views, views

app_name = "strategy"
urlpatterns = [
    path("strategies/", views.plans, name="plans"),
    path("strategies/ref/<str:ref>/", views.plan_by_ref, name="plan_by_ref"),
    path("cities/<slug:slug>/strategy/", views.plan, name="plan"),
    path("cities/<slug:slug>/strategy/versions/", views.versions, name="versions"),
    path("cities/<slug:slug>/strategy/versions/<int:number>/", views.plan, name="version"),
    path("cities/<slug:slug>/strategy/edit/", views.edit_plan, name="edit"),
    path("cities/<slug:slug>/strategy/begin/", views.add_plan, name="add_plan"),
    path("cities/<slug:slug>/strategy/publish/", views.publish_plan, name="publish_plan"),
    path("cities/<slug:slug>/strategy/withdraw/", views.withdraw_plan, name="withdraw_plan"),
    path("cities/<slug:slug>/strategy/face/", views.edit_plan_face, name="edit_face"),
    path("cities/<slug:slug>/strategy/add/", views.add_item, name="add_item"),
    path(
        "cities/<slug:slug>/strategy/versions/<int:number>/compare/<int:other>/",
        version_views.compare,
        name="compare",
    ),
    path(
        "cities/<slug:slug>/strategy/versions/<int:number>/open/",
        version_views.open_version,
        name="open_review",
    ),
    path(
        "cities/<slug:slug>/strategy/versions/<int:number>/close/",
        version_views.close_version,
        name="close_review",
    ),
    path(
        "cities/<slug:slug>/strategy/versions/<int:number>/adopt/", version_views.adopt_version, name="adopt"
    ),
    path("cities/<slug:slug>/indicators/", part_views.indicators, name="indicators"),
    path("cities/<slug:slug>/indicators/add/", part_views.add_indicator, name="add_indicator"),
    path("programme/<slug:slug>/indicators/", part_views.programme_indicators, name="programme_indicators"),
    path(
        "programme/<slug:slug>/indicators/add/",
        part_views.add_programme_indicator,
        name="add_programme_indicator",
    ),
    path("indicators/<str:ref>/", part_views.indicator, name="indicator"),
    path("indicators/<str:ref>/edit/", part_views.edit_indicator, name="edit_indicator"),
    path("cities/<slug:slug>/strategy/versions/make/", views.make_version, name="make_version"),
    path("cities/<slug:slug>/strategy/export.<slug:kind>", views.export, name="export"),
    path("cities/<slug:slug>/sheet.<slug:kind>", views.sheet, name="sheet"),
    path("parts/<str:ref>/", part_views.item, name="item"),
    path("parts/<str:ref>/mend/<str:key>/", part_views.mend, name="mend"),
    path("parts/<str:ref>/measure/", part_views.edit_measure, name="edit_measure"),
    path("parts/<str:ref>/measure/history/", part_views.measure_history, name="measure_history"),
    path("parts/<str:ref>/history/", views.passage_history, name="passage_history"),
    path("parts/<str:ref>/words/<slug:lang>/", views.edit_passage, name="edit_passage"),
    path("parts/<str:ref>/move/", views.move_item, name="move_item"),
    path("parts/<str:ref>/remove/", part_views.remove_item, name="remove_item"),
]
