"""A package is a number in mixed radix over levers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from khlong.engines.futures import packages
from khlong.engines.futures.errors import ModelError
from khlong.engines.futures.model import ActKind, Model
from khlong.engines.futures.tests.models import models, random_model


def three() -> Model:
    return random_model(1, acts=((ActKind.SHIFT,),) * 4, excluding=2)


def test_toggles_are_bits() -> None:
    toggles = random_model(1, acts=((ActKind.SHIFT,),) * 3)
    assert packages.count(toggles) == 8
    assert [packages.measures_in(toggles, each) for each in (0, 1, 5)] == [(), (0,), (0, 2)]


def test_a_lever_of_two_has_three_levels() -> None:
    model = three()
    assert packages.radices(model) == (3, 2, 2)
    assert packages.count(model) == 12
    assert packages.measures_in(model, 1) == (0,)
    assert packages.measures_in(model, 2) == (1,)
    assert packages.measures_in(model, 3) == (2,)
    assert packages.measures_in(model, 11) == (1, 2, 3)


@given(models())
def test_every_package_finds_its_number_again(model: Model) -> None:
    for package in range(packages.count(model)):
        assert packages.package_of(model, packages.measures_in(model, package)) == package


def test_the_base_package_is_what_exists() -> None:
    model = three()
    existing = tuple(replace(each, existing=number in {1, 3}) for number, each in enumerate(model.measures))
    assert packages.measures_in(model, packages.base(replace(model, measures=existing))) == (1, 3)


def test_measures_that_exclude_each_other_make_no_package() -> None:
    with pytest.raises(ModelError, match="exclude each other") as caught:
        packages.package_of(three(), (0, 1))
    assert "เลือกพร้อมกันไม่ได้" in caught.value.in_words("th")


@pytest.mark.parametrize("package", [-1, 12])
def test_a_package_that_is_not_there_is_refused(package: int) -> None:
    with pytest.raises(ModelError, match=f"no package {package}"):
        packages.measures_in(three(), package)


def test_a_measure_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="no measure number 9"):
        packages.package_of(three(), (0, 9))
