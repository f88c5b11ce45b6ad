"""Numbers the places of a planning request, and says which of them have no road."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.coordinates import CoordinateSystem
from server.errors import FieldViolation
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
    """Return the names of the networks in the order of their first worker."""
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


def road_violations(request: PlanningRequest, locations: Locations, laid: list[PlacesOnRoad]) -> list[FieldViolation]:
    """List visits without a road on any network, and places of workers without a road on their own.

    Parameters
    ----------
    request, locations
        The request and its places.
    laid
        The usable places on the roads of each network, in the order of `network_names`.

    Returns
    -------
    list[FieldViolation]
        By the field paths of `odograph.v1.Problem`.
    """
    names = list(filter(None, network_names(request)))
    broken = [{violation.field: violation for violation in places.violations} for places in laid]
    paths = locations.places.paths
    violations = [
        broken[0][path] for path in paths[: len(request.visits)] if broken and all(path in one for one in broken)
    ]
    listed: set[str] = set()
    for index, worker in enumerate(request.workers):
        name = network_name(request, worker)
        own = broken[names.index(name)] if name else {}
        of_worker = (
            places[index] for places in (locations.starts, locations.ends, locations.centers, locations.depots)
        )
        for location in of_worker:
            if location is not None and paths[location] in own and paths[location] not in listed:
                violations.append(own[paths[location]])
                listed.add(paths[location])
    return violations
