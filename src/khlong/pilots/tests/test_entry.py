"""The way from an indicator that has no value to the form in which one is entered."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from khlong.chain.gaps import missing_at
from khlong.network.models import Programme
from khlong.pilots.tests.makers import SYSTEM, make_indicator
from khlong.places.models import City, Source
from khlong.strategy.models import Indicator
from khlong.strategy.tests.makers import measure_of, whole_plan
from khlong.strategy.values import entry_url

ClientOf = Callable[[str], Client]


def test_an_indicator_of_a_city_leads_to_the_form_with_itself_filled_in(
    city: City, client_of: ClientOf
) -> None:
    indicator = make_indicator(city.node, city)
    (gap,) = [one.gap for one in missing_at(indicator.node, SYSTEM)[0] if one.gap.key == "indicator.no_value"]
    address = gap.mend(indicator.node)
    assert address == entry_url(indicator.node)
    page = client_of("member").get(address)
    assert page.status_code == 200
    assert page.context["form"]["indicator"].value() == indicator.pk


def test_an_indicator_of_a_programme_has_no_form_in_a_city(programme: Programme) -> None:
    assert entry_url(make_indicator(programme.node).node) == ""


def test_a_pilot_of_a_measure_begins_with_the_measures_indicators(
    city: City, source: Source, client_of: ClientOf
) -> None:
    measure = measure_of(whole_plan(city, source))
    own, other = make_indicator(city.node, city), make_indicator(city.node, city)
    Indicator.objects.filter(pk=own.pk).update(item=measure)
    form = client_of("member").get(f"/cities/phatong/pilots/add/?measure={measure.ref}").context["form"]
    assert form["measures"].value() == [measure.pk]
    assert form["indicators"].value() == [own.pk]
    assert other in form.fields["indicators"].queryset
