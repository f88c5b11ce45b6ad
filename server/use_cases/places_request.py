"""A request to compute with places on one road network: checked, and laid on its roads, with one error for everything.

Whoever mends a request wants to hear everything at once: what is wrong with it by itself, a network that is not there
beside other broken rules, and places without a road are all listed together.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from geo.coordinates import CoordinateSystem
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, NotFoundError, ViolationCode, beside
from server.use_cases.check_planning_request import missing_coordinate_system, place_violations
from server.use_cases.departure import Departure, departure_violations
from server.use_cases.places import PlacesOnRoad, home_component, lay_on_road, open_road_network, to_earth
from server.use_cases.planning_request import DEFAULT_SNAP_DISTANCE_M, Place
from server.use_cases.workshop import Workshop


@dataclass(frozen=True)
class PlacesRequest:
    """Places to compute with.

    Parameters
    ----------
    road_network
        Id of the network.
    coordinate_system
        What the places refer to; None is reported as missing.
    places
        The places in order.
    max_snap_distance_m
        How far a road may lie from its place.
    departure
        When ways are driven; None: what holds at certain times only does not hold.
    """

    road_network: str
    coordinate_system: CoordinateSystem | None
    places: tuple[Place, ...]
    max_snap_distance_m: float = DEFAULT_SNAP_DISTANCE_M
    departure: Departure | None = None


@dataclass(frozen=True)
class PlacesField:
    """A field of a request that holds places.

    Parameters
    ----------
    name, places
        Its name, and the places in it.
    least, most
        How many there may be.
    """

    name: str
    places: tuple[Place, ...]
    least: int
    most: int

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the path of every entry."""
        return tuple(f"{self.name}[{index}]" for index in range(len(self.places)))

    def violations(self) -> Iterator[FieldViolation]:
        """Yield the broken rules that can be seen without roads."""
        count = len(self.places)
        if not self.least <= count <= self.most:
            code = ViolationCode.LIMIT_EXCEEDED if count > self.most else ViolationCode.REQUIRED
            yield FieldViolation(
                self.name, code, f"must be at least {self.least} and at most {self.most} (got {count})"
            )
        if count > self.most:
            return  # what is refused for its size is not worth looking through
        for index, place in enumerate(self.places):
            yield from place_violations(place, f"{self.name}[{index}]")


@dataclass(frozen=True, eq=False)
class LaidRequest:
    """A request with every place on roads.

    Parameters
    ----------
    opened
        The network.
    coordinate_system
        What the places of the request refer to.
    laid
        The places of each field.
    """

    opened: OpenNetwork
    coordinate_system: CoordinateSystem
    laid: tuple[PlacesOnRoad, ...]


async def lay_request(
    workshop: Workshop,
    request: PlacesRequest,
    fields: Sequence[PlacesField],
    *,
    others: Sequence[FieldViolation] = (),
    unreadable: Sequence[FieldViolation] = (),
    without_road: Container[str] = frozenset(),
) -> LaidRequest:
    """Check a request and lay its places on roads.

    Parameters
    ----------
    workshop
        The service's tools.
    request
        The network, the coordinate system and the greatest distance.
    fields
        The places.
    others, unreadable
        What else is wrong, and what cannot be read, to be listed with the rest.
    without_road
        Paths of the places that may have no road within the distance.

    Returns
    -------
    LaidRequest
        The network, and the places on it.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network, and nothing else is wrong.
    """
    found = await workshop.threads.compute(_violations_without_roads, request, fields)
    violations = [*beside(unreadable, (*found, *others))]
    try:
        opened = await open_road_network(workshop, request.road_network)
    except NotFoundError as error:
        if not violations:
            raise
        missing = (
            [FieldViolation("road_network", ViolationCode.UNKNOWN_REFERENCE, str(error))]
            if request.road_network
            else []
        )
        raise InvalidRequestError(beside(violations, missing)) from error
    system = request.coordinate_system
    if system is None or any(len(field.places) > field.most for field in fields):
        raise InvalidRequestError(tuple(violations))
    wanted_m = request.max_snap_distance_m
    radius_m = wanted_m if 0 < wanted_m < math.inf else DEFAULT_SNAP_DISTANCE_M
    laid = await workshop.threads.compute(_lay, opened, fields, system, radius_m)
    violations += (each for places in laid for each in places.violations if each.field not in without_road)
    if violations:
        raise InvalidRequestError(tuple(violations))
    return LaidRequest(opened, system, laid)


def _lay(
    opened: OpenNetwork, fields: Sequence[PlacesField], system: CoordinateSystem, radius_m: float
) -> tuple[PlacesOnRoad, ...]:
    places = [to_earth(field.places, field.paths, system).usable() for field in fields]
    home = home_component(opened, places, radius_m=radius_m)
    return tuple(lay_on_road(opened, each, radius_m=radius_m, home=home) for each in places)


def _violations_without_roads(request: PlacesRequest, fields: Sequence[PlacesField]) -> tuple[FieldViolation, ...]:
    return (*_own_violations(request), *(each for field in fields for each in field.violations()))


def _own_violations(request: PlacesRequest) -> Iterator[FieldViolation]:
    if request.coordinate_system is None:
        yield missing_coordinate_system("coordinate_system")
    if not request.road_network:
        yield FieldViolation("road_network", ViolationCode.REQUIRED, "is required")
    if not 0 < request.max_snap_distance_m < math.inf:
        yield FieldViolation("max_snap_distance_meters", ViolationCode.OUT_OF_RANGE, "must be positive")
    if request.departure is not None:
        yield from departure_violations(request.departure)
