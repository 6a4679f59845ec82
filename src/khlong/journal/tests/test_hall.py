"""What a hall takes along and brings home of a report: its words and its photos."""

from __future__ import annotations

from typing import Any

from khlong.chain.hall.documents import ThingDocument, document
from khlong.journal.tests.makers import keep_photo, make_report, photo_of
from khlong.places.models import City


def test_a_report_travels_with_its_words_its_photos_and_whether_people_agreed(cast: Any, city: City) -> None:
    found = document("journal.report")
    assert isinstance(found, ThingDocument)
    member = cast.actors["member"]
    photo = photo_of(keep_photo(member, city.node))
    report = make_report(city.node, actor=member, photos=[photo], shown_agree=True, cities=[city])
    plain = found.read(city.node)[str(report.pk)]
    assert plain["text_th"] == report.text_th
    assert plain["cities"] == [str(city.pk)]
    assert (plain["photos"], plain["shown_agree"]) == ([photo], True)
    assert "files" not in plain
