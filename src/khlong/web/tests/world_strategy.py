"""What a measure is and an indicator, for the world of the house's tests."""

from __future__ import annotations

from typing import Any

from khlong.chain.models import Node
from khlong.people.actor import system_actor
from khlong.places.models import City
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.models import Item, MeasureDetail

SYSTEM = system_actor("test")


def detail_and_indicator(space: Node, measure: Item, city: City, mark: str) -> dict[str, Any]:
    """Details of the measure, kept beside its history so that the measure has one revision; and an indicator."""
    values = {"name_th": f"ชั่วโมงที่น้ำขัง {mark}", "unit_th": "ชั่วโมง", "city": city}
    return {
        "measure_detail": MeasureDetail.objects.create(item=measure, kind="ecosystem", gains="คนหลังตลาด"),
        "indicator": save_indicator(SYSTEM, new_indicator(space, measure), values),
    }
