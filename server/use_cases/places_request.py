"""A request to compute with places on one road network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo.coordinates import CoordinateSystem
from server.errors import FieldViolation, InvalidRequestError
from server.use_cases.check_planning_request import place_violations
from server.use_cases.departure import Departure, departure_violations
from server.use_cases.planning_request import DEFAULT_SNAP_DISTANCE_M, Place


@dataclass(frozen=True)
class PlacesRequest:
    """Places to compute with.

    Parameters
    ----------
    road_network
        Id of the network.
    coordinate_system
        What the places refer to.
    places
        The places in order.
    max_snap_distance_m
        How far a road may lie from its place.
    departure
        When ways are driven; None: what holds at certain times only does not hold.
    """

    road_network: str
    coordinate_system: CoordinateSystem
    places: tuple[Place, ...]
    max_snap_distance_m: float = DEFAULT_SNAP_DISTANCE_M
    departure: Departure | None = None


def check_places(request: PlacesRequest, name: str, places: Sequence[Place], *, least: int, most: int) -> None:
    """Check a request with one list of places.

    Parameters
    ----------
    request
        The request.
    name, places
        Name of the field, and the places in it.
    least, most
        How many there may be.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    """
    violations = (*request_violations(request), *list_violations(name, places, least=least, most=most))
    if violations:
        raise InvalidRequestError(violations)


def request_violations(request: PlacesRequest) -> Iterator[FieldViolation]:
    """Find what is wrong with a request beside its places."""
    if not 0 < request.max_snap_distance_m < math.inf:
        yield FieldViolation("max_snap_distance_meters", "must be positive")
    if request.departure is not None:
        yield from departure_violations(request.departure)


def list_violations(name: str, places: Sequence[Place], *, least: int, most: int) -> Iterator[FieldViolation]:
    """Find what is wrong with a list of places."""
    if not least <= len(places) <= most:
        yield FieldViolation(name, f"must be at least {least} and at most {most} (got {len(places)})")
    for place, path in zip(places, field_paths(name, places), strict=True):
        yield from place_violations(place, path)


def field_paths(name: str, places: Sequence[Place]) -> tuple[str, ...]:
    """Return the field path of every entry of a repeated field."""
    return tuple(f"{name}[{index}]" for index in range(len(places)))
