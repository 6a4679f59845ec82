"""Provinces to canals, cities, and facts with their sources."""

from __future__ import annotations

from khlong.places.models.boundaries import Boundary
from khlong.places.models.cities import (
    Authority,
    AuthorityKind,
    Canal,
    City,
    Community,
    Gauge,
    Group,
    Region,
    Zone,
)
from khlong.places.models.facts import Fact, FactTopic, Mark, Qualifier, Source, Unit
from khlong.places.models.reference import District, Province, Tambon

__all__ = [
    "Authority",
    "AuthorityKind",
    "Boundary",
    "Canal",
    "City",
    "Community",
    "District",
    "Fact",
    "FactTopic",
    "Gauge",
    "Group",
    "Mark",
    "Province",
    "Qualifier",
    "Region",
    "Source",
    "Tambon",
    "Unit",
    "Zone",
]
