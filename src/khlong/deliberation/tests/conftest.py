from __future__ import annotations

import pytest

from khlong.deliberation.tests.speak_makers import Talk, make_talk
from khlong.places.models import City, Source


@pytest.fixture
def talk(city: City, source: Source) -> Talk:
    """A round about the plan of the city, open to all."""
    return make_talk(city, source)
