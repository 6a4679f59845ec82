from __future__ import annotations

from django.urls import path, register_converter

from khlong.pilots.views import handed, money, parts, pilots, values


class PartKind:
    """What may be taken away from a pilot."""

    regex = "step|lesson|activity"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PartKind, "pilot_part")

app_name = "pilots"
urlpatterns = [
    path("pilots/", pilots.all_pilots, name="all"),
    path("cities/<slug:slug>/pilots/", pilots.pilots, name="pilots"),
    path("cities/<slug:slug>/pilots/add/", pilots.add_pilot, name="add_pilot"),
    path("cities/<slug:slug>/values/", values.values_of, name="values"),
    path("cities/<slug:slug>/values/add/", values.add_value, name="add_value"),
    path("pilots/<str:ref>/", pilots.pilot, name="pilot"),
    path("pilots/<str:ref>/edit/", pilots.edit_pilot, name="edit_pilot"),
    path("pilots/<str:ref>/history/", pilots.pilot_history, name="history"),
    path("pilots/<str:ref>/publish/", pilots.publish_pilot, name="publish_pilot"),
    path("pilots/<str:ref>/withdraw/", pilots.withdraw_pilot, name="withdraw_pilot"),
    path("pilots/<str:ref>/steps/add/", parts.add_step, name="add_step"),
    path("pilots/<str:ref>/steps/<uuid:pk>/", parts.edit_step, name="edit_step"),
    path("pilots/<str:ref>/steps/<uuid:pk>/done/", parts.step_done, name="step_done"),
    path("pilots/<str:ref>/changes/add/", parts.add_change, name="add_change"),
    path("pilots/<str:ref>/lessons/add/", parts.add_lesson, name="add_lesson"),
    path("pilots/<str:ref>/lessons/<uuid:pk>/", parts.edit_lesson, name="edit_lesson"),
    path("pilots/<str:ref>/activities/", parts.activities, name="activities"),
    path("pilots/<str:ref>/activities/add/", parts.add_activity, name="add_activity"),
    path("pilots/<str:ref>/activities/<uuid:pk>/", parts.edit_activity, name="edit_activity"),
    path("pilots/<str:ref>/remove/<pilot_part:kind>/<uuid:pk>/", parts.remove_part, name="remove_part"),
    path("pilots/<str:ref>/money/", money.money_page, name="money"),
    path("pilots/<str:ref>/money/lines/add/", money.add_line, name="add_line"),
    path("pilots/<str:ref>/money/lines/<uuid:pk>/", money.edit_line, name="edit_line"),
    path("pilots/<str:ref>/money/lines/<uuid:pk>/remove/", money.remove_line, name="remove_line"),
    path("pilots/<str:ref>/expenses/add/", money.add_expense, name="add_expense"),
    path("pilots/<str:ref>/expenses/<uuid:pk>/", money.expense, name="expense"),
    path("pilots/<str:ref>/expenses/<uuid:pk>/edit/", money.edit_expense, name="edit_expense"),
    path("pilots/<str:ref>/expenses/<uuid:pk>/remove/", money.remove_expense, name="remove_expense"),
    path("pilots/<str:ref>/values/add/", values.add_pilot_value, name="add_pilot_value"),
    path("pilots/<str:ref>/hand-over/", handed.hand_over, name="hand_over"),
    path("pilots/<str:ref>/hand-over/<uuid:pk>/", handed.download, name="download"),
    path("values/<str:ref>/", values.value, name="value"),
    path("values/<str:ref>/edit/", values.edit_value, name="edit_value"),
    path("values/<str:ref>/again/", values.recompute, name="recompute"),
]
