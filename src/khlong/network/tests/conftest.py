from __future__ import annotations

import pytest

from khlong.network.models import Meeting, Organisation, Programme
from khlong.network.tests.makers import make_meeting, make_organisation
from khlong.places.models import City, Source


@pytest.fixture
def organisation(programme: Programme) -> Organisation:
    return make_organisation(programme.node, name_en="Songkhla Community Foundation", short_th="มชส.")


@pytest.fixture
def meeting(programme: Programme, organisation: Organisation, city: City, source: Source) -> Meeting:
    return make_meeting(
        programme.node,
        source,
        organisers=[organisation],
        cities=[city],
        name_en="Workshop drafting the city strategies",
        activity="2.1-2.3, 3.1",
        place_th="โรงแรมโกลว์รัตนาเพลส",
        text_th="ร่างแผนยุทธศาสตร์ของหกเมือง",
    )
