"""Numbers the places of a planning request, and says which of them have no road."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.coordinates import CoordinateSystem
from server.errors import FieldViolation, ViolationCode
from server.use_cases.notices import Notice
from server.use_cases.places import EarthPlaces, PlacesOnRoad, to_earth
from server.use_cases.planning_request import Place, PlanningRequest, WorkerRequest

NOWHERE = Place(math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class Locations:
    """Where everything is: the places, and the indices of those of each worker (None is open, no area, no reload)."""

    places: EarthPlaces
    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]
    centers: tuple[int | None, ...]
    depots: tuple[int | None, ...]


def network_name(request: PlanningRequest, worker: WorkerRequest) -> str:
    """Return the name of the network that a worker travels on; empty where none is named."""
    return worker.road_network or request.road_network


def network_names(request: PlanningRequest) -> list[str]:
    """Return the names of the networks in the order of their first worker; one is empty where somebody has none."""
    return list(dict.fromkeys(network_name(request, worker) for worker in request.workers))


def locations_of(request: PlanningRequest, system: CoordinateSystem) -> Locations:
    """Give every place a number: the visits first, then the different places of the workers.

    Parameters
    ----------
    request
        The request.
    system
        What its positions refer to.

    Returns
    -------
    Locations
        The places in WGS-84; NaN where one is missing or not on the earth.
    """
    places = [visit.position or NOWHERE for visit in request.visits]
    paths = [f"visits[{index}].position" for index in range(len(request.visits))]
    known: dict[Place, int] = {}

    def number(place: Place | None, path: str) -> int | None:
        if place is None:
            return None
        if place not in known:
            known[place] = len(places)
            places.append(place)
            paths.append(path)
        return known[place]

    workers = list(enumerate(request.workers))
    starts = tuple(number(worker.start_position, f"workers[{index}].start_position") for index, worker in workers)
    ends = tuple(number(worker.end_position, f"workers[{index}].end_position") for index, worker in workers)
    centers = tuple(
        number(worker.area_center_position, f"workers[{index}].area_center_position") for index, worker in workers
    )
    depots = tuple(number(*_depot(index, worker)) for index, worker in workers)
    return Locations(to_earth(places, paths, system), starts, ends, centers, depots)


def _depot(index: int, worker: WorkerRequest) -> tuple[Place | None, str]:
    """Return where a worker loads anew, and the path of the field that says so."""
    if worker.reload is None or worker.reload.position is None:
        return None if worker.reload is None else worker.start_position, f"workers[{index}].start_position"
    return worker.reload.position, f"workers[{index}].reload.position"


def network_violations(request: PlanningRequest) -> list[FieldViolation]:
    """List workers without a road network.

    Parameters
    ----------
    request
        The request.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    rule = "is required where the problem names no road network and known_travels does not hold every way"
    return [
        FieldViolation(f"workers[{index}].road_network", ViolationCode.REQUIRED, rule)
        for index, worker in enumerate(request.workers)
        if not network_name(request, worker)
    ]


def road_violations(
    request: PlanningRequest, locations: Locations, laid: Sequence[PlacesOnRoad], *, is_free: NDArray[np.bool_]
) -> list[FieldViolation]:
    """List visits without a road on any network, and places of workers without a road on their own.

    Parameters
    ----------
    request, locations
        The request and its places.
    laid
        The usable places on the roads of each network, in the order of `network_names`.
    is_free
        ``(n,)`` by location: whether it needs no road.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    names, paths = network_names(request), locations.places.paths
    free = {path for path, free in zip(paths, is_free, strict=True) if free}
    broken = [{each.field: each for each in places.violations if each.field not in free} for places in laid]
    violations = [
        broken[0][path] for path in paths[: len(request.visits)] if broken and all(path in one for one in broken)
    ]
    listed: set[str] = set()
    for index, worker in enumerate(request.workers):
        own = broken[names.index(network_name(request, worker))]
        of_worker = (
            places[index] for places in (locations.starts, locations.ends, locations.centers, locations.depots)
        )
        for location in of_worker:
            if location is not None and paths[location] in own and paths[location] not in listed:
                violations.append(own[paths[location]])
                listed.add(paths[location])
    return violations


def road_notices(request: PlanningRequest, locations: Locations, laid: Sequence[PlacesOnRoad]) -> list[Notice]:
    """List what is to be said of visits on the first network, and of places of workers on their own.

    Parameters
    ----------
    request, locations, laid
        As for `road_violations`.

    Returns
    -------
    list[Notice]
        By the field paths of `odograph.v1.Problem`, each place once.
    """
    names, paths = network_names(request), locations.places.paths
    noticed = [{notice.field: notice for notice in places.notices} for places in laid]
    found = {path: noticed[0][path] for path in paths[: len(request.visits)] if path in noticed[0]}
    for index, worker in enumerate(request.workers):
        own = noticed[names.index(network_name(request, worker))]
        for location in (locations.starts[index], locations.ends[index], locations.depots[index]):
            if location is not None and paths[location] in own:
                found.setdefault(paths[location], own[paths[location]])
    return list(found.values())
