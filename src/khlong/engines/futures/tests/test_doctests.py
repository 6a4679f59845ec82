"""The examples in the docstrings of the engine run and are right."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from khlong.engines import futures

MODULES = sorted(each.name for each in pkgutil.iter_modules(futures.__path__) if each.name != "tests")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_right(name: str) -> None:
    module = importlib.import_module(f"{futures.__name__}.{name}")
    assert doctest.testmod(module).failed == 0
