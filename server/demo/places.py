"""The demo's customers: the named shops, cafés and offices of an OSM extract that say when they are open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import osmium

from server.demo.opening_hours import OpenHours, UnknownOpeningHoursError, opening_hours_on

HELSINKI_FILE = Path(__file__).parent / "data" / "helsinki-centre.osm.pbf"
CREDIT = "© OpenStreetMap contributors, ODbL 1.0"


class PlaceKind(Enum):
    """What a customer is."""

    SHOP = "shop"
    CAFE = "café"
    OFFICE = "office"


@dataclass(frozen=True)
class Customer:
    """A real place that the demo visits.

    Parameters
    ----------
    id
        ``osm-`` and the OSM node id.
    name
        As the map names it.
    kind
        What it is.
    latitude_degrees, longitude_degrees
        WGS-84.
    hours
        When it is open on the day asked for; at least one span.
    """

    id: str
    name: str
    kind: PlaceKind
    latitude_degrees: float
    longitude_degrees: float
    hours: tuple[OpenHours, ...]


def customers_open_on(weekday: int, osm_file: Path = HELSINKI_FILE) -> tuple[Customer, ...]:
    """Find the named shops, cafés and offices that are open on a day of the week.

    Parameters
    ----------
    weekday
        0 is Monday.
    osm_file
        An OSM extract with its points of interest.

    Returns
    -------
    tuple[Customer, ...]
        In the order of the file. Places whose opening hours are missing or not understood are left out.
    """
    nodes = osmium.FileProcessor(str(osm_file), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("opening_hours"))
    found = (_customer(node, weekday) for node in nodes if isinstance(node, osmium.osm.Node))
    return tuple(customer for customer in found if customer is not None)


def _customer(node: osmium.osm.Node, weekday: int) -> Customer | None:
    name, kind = node.tags.get("name", ""), _kind(node.tags)
    if not name or kind is None:
        return None
    try:
        hours = opening_hours_on(node.tags["opening_hours"], weekday)
    except UnknownOpeningHoursError:
        return None
    if not hours:
        return None
    return Customer(f"osm-{node.id}", name, kind, node.location.lat, node.location.lon, hours)


def _kind(tags: osmium.osm.TagList) -> PlaceKind | None:
    if tags.get("amenity") == "cafe":
        return PlaceKind.CAFE
    if "shop" in tags:
        return PlaceKind.SHOP
    return PlaceKind.OFFICE if "office" in tags else None
