"""Lays the places of a request on roads: checks them, converts them to WGS-84, snaps them, and says what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.coordinate_doubt import CoordinateDoubt, doubt_coordinate_system, doubt_coordinate_system_of_doors
from geo.coordinates import CoordinateSystem, convert
from geo.roads.snapping import SnapState
from geo.routing.positions import RoadPositions
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, NotFoundError, Resource, ViolationCode
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.planning_request import Place
from server.use_cases.workshop import Workshop

FAR_FROM_ROAD_M = 100.0
MOVED_M = 10.0
"""A place that is laid so much farther away than its nearest road is worth a notice; addresses err by less."""
MAX_LATITUDE_DEGREES = 90.0
MAX_LONGITUDE_DEGREES = 180.0
DOUBT_RADIUS_M = 150.0


@dataclass(frozen=True, eq=False)
class EarthPlaces:
    """``n`` places in WGS-84, and the path of the request field that each came from.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` float64.
    paths
        One field path per place.
    """

    latitude_degrees: NDArray[np.float64]
    longitude_degrees: NDArray[np.float64]
    paths: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.paths)

    def usable(self) -> EarthPlaces:
        """Return those that are on the earth at all."""
        is_usable = ~np.isnan(self.latitude_degrees)
        if is_usable.all():
            return self
        paths = tuple(path for path, usable in zip(self.paths, is_usable, strict=True) if usable)
        return EarthPlaces(self.latitude_degrees[is_usable], self.longitude_degrees[is_usable], paths)


@dataclass(frozen=True, eq=False)
class PlacesOnRoad:
    """``n`` places laid on one network.

    Parameters
    ----------
    positions
        The places on its edges.
    violations
        One per place that has no road within the radius, or only roads that are cut off from the others.
    notices
        About places that lie far from their road, or nearer to one that is cut off.
    """

    positions: RoadPositions
    violations: tuple[FieldViolation, ...]
    notices: tuple[Notice, ...]


async def open_road_network(workshop: Workshop, network_id: str) -> OpenNetwork:
    """Return a road network, ready to compute on.

    Parameters
    ----------
    workshop
        The service's tools.
    network_id
        Its id.

    Returns
    -------
    OpenNetwork
        The network.

    Raises
    ------
    NotFoundError
        There is no such network.
    """
    if await workshop.threads.store(workshop.store.road_networks.get, network_id) is None:
        raise NotFoundError(Resource.ROAD_NETWORK, network_id, field="road_network")
    return await workshop.networks.get(network_id)


def to_earth(places: Sequence[Place], paths: Sequence[str], system: CoordinateSystem) -> EarthPlaces:
    """Convert places to WGS-84.

    Parameters
    ----------
    places, paths
        The places in `system`, and the paths of their fields.
    system
        What the request declares.

    Returns
    -------
    EarthPlaces
        The same places in WGS-84; NaN where one is not on the earth at all.
    """
    latitude = np.array([place.latitude_degrees for place in places], np.float64)
    longitude = np.array([place.longitude_degrees for place in places], np.float64)
    is_nowhere = ~((np.abs(latitude) <= MAX_LATITUDE_DEGREES) & (np.abs(longitude) <= MAX_LONGITUDE_DEGREES))
    latitude[is_nowhere] = longitude[is_nowhere] = np.nan
    converted = convert(latitude, longitude, source=system, target=CoordinateSystem.WGS84)
    return EarthPlaces(*converted, tuple(paths))


def home_component(opened: OpenNetwork, places: Sequence[EarthPlaces], *, radius_m: float) -> int:
    """Choose the part of a network that places are laid on together: ways lead between places of one part only.

    Parameters
    ----------
    opened
        The network.
    places
        All places of one request.
    radius_m
        How far a road may lie from its place.

    Returns
    -------
    int
        The largest part where no other one has roads for more of the places.
    """
    latitude = np.concatenate([each.latitude_degrees for each in places])
    longitude = np.concatenate([each.longitude_degrees for each in places])
    return opened.snapper.common_component(latitude, longitude, radius_m=radius_m)


def lay_on_road(opened: OpenNetwork, places: EarthPlaces, *, radius_m: float, home: int) -> PlacesOnRoad:
    """Snap places to a network, and explain those that cannot be snapped well.

    Parameters
    ----------
    opened
        The network.
    places
        The places.
    radius_m
        How far a road may lie from its place.
    home
        The part of the network that they are laid on: see `home_component`.

    Returns
    -------
    PlacesOnRoad
        The places on its roads, with violations and notices.
    """
    latitude, longitude = places.latitude_degrees, places.longitude_degrees
    positions = nearest = opened.snapper.snap(latitude, longitude, radius_m=radius_m, home_component=None)
    if (nearest.component != home).any():
        positions = opened.snapper.snap(latitude, longitude, radius_m=radius_m, home_component=home)
    is_moved = positions.distance_m - nearest.distance_m > MOVED_M
    is_lost = (positions.edge < 0) | (positions.component != home)
    odd = np.flatnonzero(is_lost | is_moved | (positions.distance_m > FAR_FROM_ROAD_M))
    if len(odd) == 0:
        return PlacesOnRoad(positions, (), ())
    findings = opened.snapper.explain(latitude[odd], longitude[odd], radius_m=radius_m, home_component=home)
    violations, notices = [], []
    for number, place in enumerate(odd):
        path, sentence = places.paths[place], f"{findings.sentence(number)} (road network {opened.id!r})"
        if is_lost[place]:
            state = SnapState(findings.state[number])
            code, advice = _advice(state, findings.nearest_routable.distance_m[number])
            if _look_swapped(opened, latitude[place], longitude[place]):
                code, advice = ViolationCode.COORDINATES_SWAPPED, "latitude and longitude look swapped: exchange them"
            violations.append(FieldViolation(path, code, f"{sentence}; {advice}"))
        else:
            kind = NoticeCode.NEARER_ROAD_CUT_OFF if is_moved[place] else NoticeCode.FAR_FROM_ROAD
            notices.append(Notice(kind, path, sentence))
    return PlacesOnRoad(positions, tuple(violations), tuple(notices))


def on_no_road(count: int) -> PlacesOnRoad:
    """Lay places on no network at all.

    Parameters
    ----------
    count
        How many.

    Returns
    -------
    PlacesOnRoad
        Without roads, and without complaint.
    """
    nothing = np.full(count, -1, np.int32)
    positions = RoadPositions(nothing, np.zeros(count), np.full(count, np.nan), np.zeros(count, np.int8), nothing)
    return PlacesOnRoad(positions, (), ())


def coordinate_doubts(
    opened: OpenNetwork, places: Sequence[Place], *, declared: CoordinateSystem, path: str
) -> Iterator[Notice]:
    """Yield a notice where the places fit the roads clearly better in another coordinate system than the declared one.

    Parameters
    ----------
    opened
        The network.
    places
        The places as they came.
    declared
        What the request declares.
    path
        Path of the field that declares it.

    Yields
    ------
    Notice
        At most one.
    """
    doubt = doubt_coordinate_system_of_doors(
        [place.latitude_degrees for place in places],
        [place.longitude_degrees for place in places],
        declared=declared,
        road_distance_m=_distance_to_roads_m(opened),
    )
    if doubt.is_doubtful:
        yield Notice(NoticeCode.COORDINATE_SYSTEM_DOUBTFUL, path, f"{doubt.sentence()} {_remedy(doubt)}")


def position_doubts(
    opened: OpenNetwork,
    latitude_degrees: NDArray[np.float64],
    longitude_degrees: NDArray[np.float64],
    *,
    declared: CoordinateSystem,
    path: str,
) -> Iterator[Notice]:
    """Yield a notice where points of a track fit the roads clearly better in another system than the declared one.

    Parameters
    ----------
    opened
        The network.
    latitude_degrees, longitude_degrees
        ``(n,)`` the positions as they came.
    declared
        What the request declares.
    path
        Path of the field that declares it.

    Yields
    ------
    Notice
        At most one.
    """
    doubt = doubt_coordinate_system(
        latitude_degrees, longitude_degrees, declared=declared, distance_m=_distance_to_roads_m(opened)
    )
    if doubt.is_doubtful:
        yield Notice(NoticeCode.COORDINATE_SYSTEM_DOUBTFUL, path, f"{doubt.sentence()} {_remedy(doubt)}")


def _remedy(doubt: CoordinateDoubt) -> str:
    return f"If so, declare {doubt.likeliest.value} instead of {doubt.declared.value}."


def _distance_to_roads_m(
    opened: OpenNetwork,
) -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    def distance_m(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.float64]:
        return opened.snapper.snap(latitude, longitude, radius_m=DOUBT_RADIUS_M, home_component=None).distance_m

    return distance_m


def _advice(state: SnapState, to_routable_m: float) -> tuple[ViolationCode, str]:
    """Say what kind of rule a place without a road breaks, and what would mend it."""
    code = ViolationCode.CUT_OFF if state is SnapState.ON_ISLAND else ViolationCode.NO_ROAD_NEARBY
    if not math.isfinite(to_routable_m):
        return code, "mend the position, or use a road network that covers it"
    wider_m = math.ceil(to_routable_m)
    return code, f"give the position of its entrance, or set max_snap_distance_meters to at least {wider_m}"


def _look_swapped(opened: OpenNetwork, latitude_degrees: float, longitude_degrees: float) -> bool:
    """Tell whether the place would lie on the network with its coordinates swapped."""
    latitudes, longitudes = opened.network.node_latitude_degrees, opened.network.node_longitude_degrees
    return bool(
        latitudes.min() <= longitude_degrees <= latitudes.max()
        and longitudes.min() <= latitude_degrees <= longitudes.max()
    )
