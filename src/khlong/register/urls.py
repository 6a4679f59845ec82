from __future__ import annotations

from django.urls import path

from khlong.register.views import households, statements

app_name = "register"
urlpatterns = [
    path("cities/<slug:slug>/households/", households.households, name="households"),
    path("cities/<slug:slug>/households/find/", households.find, name="find_household"),
    path("cities/<slug:slug>/households/add/", households.add, name="add_household"),
    path("cities/<slug:slug>/sheets/", statements.sheets, name="sheets"),
    path("cities/<slug:slug>/statements/", statements.statements, name="statements"),
    path("households/<uuid:pk>/", households.household, name="household"),
    path("households/<uuid:pk>/edit/", households.edit, name="edit_household"),
    path("households/<uuid:pk>/withdraw/", households.withdraw, name="withdraw_household"),
    path("households/<uuid:pk>/people/add/", households.add_person, name="add_person"),
    path("households/people/<uuid:pk>/remove/", households.remove_person, name="remove_person"),
    path("households/<uuid:pk>/statements/add/", statements.add, name="add_statement"),
    path("statements/<str:ref>/", statements.statement, name="statement"),
    path("statements/<str:ref>/edit/", statements.edit, name="edit_statement"),
]
