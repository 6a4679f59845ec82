"""Provinces, districts and subdistricts of the country from the geothai package (Department of Provincial
Administration codes, MIT and CC BY 4.0)."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from khlong.places.models import District, Province, Tambon
from khlong.thai.collate import sort_key


def load_reference() -> dict[str, int]:
    """Bring the three tables in step with the package; counts of rows added by name.

    Nothing is written when all codes and names stand already. A code that the package no longer knows
    stays, since things may point to it.
    """
    import geothai

    provinces = geothai.provinces()
    districts = [district for province in provinces for district in geothai.districts(province.code)]
    subdistricts = [row for district in districts for row in geothai.subdistricts(district.code)]
    return {
        "provinces": _sync(Province, provinces, ()),
        "districts": _sync(District, districts, ("province_code",)),
        "subdistricts": _sync(Tambon, subdistricts, ("district_code",)),
    }


def _sync(model: type[Model], rows: Any, parents: tuple[str, ...]) -> int:
    names = ("name_th", "name_en")
    standing = {row[0]: row[1:] for row in model._default_manager.values_list("code", *names)}
    fresh: list[Model] = []
    moved: list[Model] = []
    for row in rows:
        now = (row.name_th, row.name_en)
        if standing.get(row.code) == now:
            continue
        made = model(code=row.code, name_th=row.name_th, name_en=row.name_en)
        made.sort_key = sort_key(row.name_th)[:400]  # type: ignore[attr-defined]
        for parent in parents:
            setattr(made, f"{parent.removesuffix('_code')}_id", getattr(row, parent))
        (moved if row.code in standing else fresh).append(made)
    model._default_manager.bulk_create(fresh, batch_size=1000)
    model._default_manager.bulk_update(moved, [*names, "sort_key"], batch_size=500)
    return len(fresh)
