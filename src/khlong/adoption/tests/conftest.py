from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from khlong.adoption.models import Proposal
from khlong.adoption.tests.makers import a_measure, an_organisation, propose
from khlong.network.models import Organisation
from khlong.places.models import City, Source
from khlong.strategy.models import Item


@pytest.fixture(autouse=True)
def _folder_of_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_RESERVE = 0


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def measure(city: City, source: Source) -> Item:
    return a_measure(city, source)


@pytest.fixture
def municipality(city: City) -> Organisation:
    return an_organisation(city)


@pytest.fixture
def proposal(city: City, measure: Item, municipality: Organisation) -> Proposal:
    return propose(city, measure, municipality)
