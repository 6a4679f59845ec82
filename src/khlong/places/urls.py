from __future__ import annotations

from django.urls import path

from khlong.places.views import boundaries, cities, facts, maps, parts, water

app_name = "places"
urlpatterns = [
    path("cities/", cities.cities, name="cities"),
    path("cities/ref/<str:ref>/", cities.city_by_ref, name="city_by_ref"),
    path("cities/<slug:slug>/", cities.city, name="city"),
    path("cities/<slug:slug>/edit/", cities.edit_city, name="edit_city"),
    path("cities/<slug:slug>/facts/", cities.city_facts, name="city_facts"),
    path("cities/<slug:slug>/changes/", cities.city_changes, name="changes"),
    path("cities/<slug:slug>/groups/add/", parts.add_group, name="add_group"),
    path("cities/<slug:slug>/groups/<int:pk>/edit/", parts.edit_group, name="edit_group"),
    path("cities/<slug:slug>/authorities/add/", parts.add_authority, name="add_authority"),
    path("cities/<slug:slug>/authorities/<int:pk>/edit/", parts.edit_authority, name="edit_authority"),
    path("words/<slug:kind>/", parts.words, name="words"),
    path("words/<slug:kind>/add/", parts.add_word, name="add_word"),
    path("words/<slug:kind>/<slug:key>/edit/", parts.edit_word, name="edit_word"),
    path("cities/<slug:slug>/communities/add/", cities.add_community, name="add_community"),
    path("communities/<str:ref>/", cities.community, name="community"),
    path("communities/<str:ref>/edit/", cities.edit_community, name="edit_community"),
    path("communities/<str:ref>/zones/add/", cities.add_zone, name="add_zone"),
    path("communities/<str:ref>/zones/<int:pk>/edit/", cities.edit_zone, name="edit_zone"),
    path("map/", maps.map_page, name="map"),
    path("map/boundaries/", boundaries.boundaries, name="boundaries"),
    path("map/boundaries/<uuid:uuid>/", boundaries.boundary_check, name="boundary_check"),
    path("canals/", water.canals, name="canals"),
    path("canals/add/", water.add_canal, name="add_canal"),
    path("canals/<str:ref>/", water.canal, name="canal"),
    path("canals/<str:ref>/edit/", water.edit_canal, name="edit_canal"),
    path("gauges/add/", water.add_gauge, name="add_gauge"),
    path("gauges/<str:ref>/", water.gauge, name="gauge"),
    path("gauges/<str:ref>/edit/", water.edit_gauge, name="edit_gauge"),
    path("facts/", facts.facts, name="facts"),
    path("facts/add/", facts.add_fact, name="add_fact"),
    path("facts/<str:ref>/", facts.fact, name="fact"),
    path("facts/<str:ref>/correct/", facts.correct_fact, name="correct_fact"),
    path("facts/<str:ref>/withdraw/", facts.withdraw_fact, name="withdraw_fact"),
    path("facts/<str:ref>/publish/", facts.publish_fact, name="publish_fact"),
    path("sources/", facts.sources, name="sources"),
    path("sources/<str:key>/", facts.source, name="source"),
    path("sources/<str:key>/edit/", facts.edit_source, name="edit_source"),
]
