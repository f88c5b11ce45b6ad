"""Field days with known truth on a real road network, for the benchmarks of the audit.

A day has a planned route through customers beside the road, five of them in one block. It is executed by the
simulated movement of the demo, as planned or with events: a customer left out, a stop that nobody planned, a detour,
a hole in the recording. Everything comes from the seed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_day import KnownPlace, PlannedDay, PlannedStop
from geo.audit.planned_path import PlannedPath
from geo.geodesy import chord_lengths_m, great_circles_m, places_at
from geo.matching.map_matcher import MapMatcher
from geo.roads.network import RoadClass, RoadNetwork
from geo.roads.snapping import Snapper
from geo.routing.positions import RoadPositions
from geo.routing.route_geometry import route_points
from geo.routing.router import Router
from geo.tracks.track import Track
from server.demo.movement import Movement
from server.demo.receiver import Receiver

FloatArray = NDArray[np.float64]

DAY_START_S = 1_750_000_000
SECOND_MS = 1000
OFF_PLAN_M = 40.0
"""What lies further from the planned path is off it, for the truth about detours."""

_BLOCK_SIZE = 5
_SMALL_ROADS = (RoadClass.TERTIARY, RoadClass.UNCLASSIFIED, RoadClass.RESIDENTIAL, RoadClass.LIVING_STREET)


@dataclass(frozen=True)
class Place:
    """Where a customer's door is."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Events:
    """What goes differently from the plan."""

    missed: bool = False
    unplanned_stop: bool = False
    detour: bool = False
    gap: bool = False


@dataclass(frozen=True)
class Detour:
    """The truth about one detour: when it was, and its metres further than `OFF_PLAN_M` from the planned path."""

    start_ms: int
    end_ms: int
    off_plan_m: float


@dataclass(frozen=True, eq=False)
class FieldDay:
    """A planned day, what the worker really did, and the truth to score against.

    `driven_m` is what was driven on roads: steps to a door and walks inside the block are no mileage. `visits_ms` has
    arrival and departure of every visit that took place, `hidden_ms` the hole in the recording.
    """

    planned: PlannedDay
    movement: Movement
    driven_m: float
    visits_ms: dict[str, tuple[int, int]]
    unplanned_stops: int
    detours: tuple[Detour, ...]
    hidden_ms: tuple[int, int] | None

    def record(self, *, noise_m: float, every_s: float, seed: int) -> Track:
        """Record the day with some phone: half of the noise power is slow, half is fast."""
        part_m = noise_m / math.sqrt(2.0)
        receiver = Receiver(interval_s=every_s, slow_sigma_m=part_m, slow_time_s=60.0, white_sigma_m=part_m)
        track = receiver.record(self.movement, np.random.default_rng(seed))
        if self.hidden_ms is None:
            return track
        seen = (track.time_ms < self.hidden_ms[0]) | (track.time_ms > self.hidden_ms[1])
        return Track(*(getattr(track, name)[seen] for name in Track.__dataclass_fields__))


class FieldWorld:
    """A road network with all that plans, drives and audits on it."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.router = Router.build(network)
        self.snapper = Snapper(network)
        self.matcher = MapMatcher(network)
        self._doorsteps = np.flatnonzero(
            (network.edge_component == 0)
            & np.isin(network.edge_road_class, _SMALL_ROADS)
            & (network.edge_length_cm > 3000)
        )

    def random_place(self, chance: random.Random) -> Place:
        """Pick a door beside a small road."""
        points = self.network.edge_points(int(chance.choice(self._doorsteps)))
        middle = len(points) // 2
        angle, aside_m = chance.uniform(0.0, 2.0 * math.pi), chance.uniform(5.0, 25.0)
        return _aside(Place(*points[middle].tolist()), aside_m * math.cos(angle), aside_m * math.sin(angle))

    def way(self, start: Place, end: Place) -> tuple[FloatArray, float, NDArray[np.int32]]:
        """Find the fastest way: its points, seconds and edges."""
        positions = self.snap(start, end)
        route = self.router.route(positions, positions, origin=0, destination=1)
        return route_points(self.network, route), route.duration_ms / 1000.0, route.edges

    def snap(self, *places: Place) -> RoadPositions:
        """Snap places to the main component."""
        return self.snapper.snap([place.latitude for place in places], [place.longitude for place in places])

    def field_day(self, seed: int, events: Events, *, visits: int = 12) -> FieldDay:
        """Plan and execute a day."""
        return _DayMaker(self, random.Random(seed), events).make(visits)


def _aside(place: Place, east_m: float, north_m: float) -> Place:
    latitude, longitude = places_at(place.latitude, place.longitude, east_m=east_m, north_m=north_m)
    return Place(float(latitude), float(longitude))


def _distance_m(first: Place, second: Place) -> float:
    return float(great_circles_m(first.latitude, first.longitude, second.latitude, second.longitude))


@dataclass(frozen=True, eq=False)
class _Leg:
    """The way to one stop: by road, or on foot inside the block."""

    place: Place
    service_s: float
    points: FloatArray
    duration_s: float
    edges: NDArray[np.int32]
    on_foot: bool


@dataclass
class _DayMaker:
    """Makes one day."""

    world: FieldWorld
    chance: random.Random
    events: Events
    movement: Movement = field(default_factory=Movement)
    detours: list[Detour] = field(default_factory=list)

    def make(self, visits: int) -> FieldDay:
        """Plan and execute the day."""
        depot = self.world.random_place(self.chance)
        legs = self._legs(depot, visits)
        planned = self._plan(depot, legs)
        places = list(range(1, len(legs) - 1))
        missed = self.chance.choice(places) if self.events.missed else None
        made = [number for number in places if number != missed]
        unplanned = self.chance.choice(made) if self.events.unplanned_stop else None
        by_road = [number for number in made if not legs[number].on_foot]
        detour = self.chance.choice(by_road) if self.events.detour else None
        visits_ms: dict[str, tuple[int, int]] = {}
        hidden_ms = None
        self.movement.begin(DAY_START_S, depot.latitude, depot.longitude)
        self.movement.stay(180.0)
        here = depot
        for number, leg in enumerate(legs):
            if number == missed:
                continue
            began_s = self.movement.now_s
            self._go(here, leg, planned, is_detour=number == detour)
            if self.events.gap and number == places[len(places) // 2]:
                hidden_ms = (round(began_s * SECOND_MS), round((self.movement.now_s + 200.0) * SECOND_MS))
            here = leg.place
            arrived_s = self.movement.now_s
            self.movement.stay(leg.service_s * self.chance.uniform(0.85, 1.2))
            if number < len(planned.stops):
                stayed_ms = (round(arrived_s * SECOND_MS), round(self.movement.now_s * SECOND_MS))
                visits_ms[planned.stops[number].visit_id] = stayed_ms
            if number == unplanned:
                here = self._stop_somewhere(here)
        self.movement.stay(1200.0)
        return FieldDay(
            planned=replace(planned, working_end_ms=round(self.movement.now_s * SECOND_MS)),
            movement=self.movement,
            driven_m=self.movement.length_m,
            visits_ms=visits_ms,
            unplanned_stops=int(self.events.unplanned_stop),
            detours=tuple(self.detours),
            hidden_ms=hidden_ms,
        )

    def _legs(self, depot: Place, visits: int) -> list[_Leg]:
        """Order the customers by the nearest next, the block in one piece, and end at the depot."""
        block = [self.world.random_place(self.chance)]
        while len(block) < _BLOCK_SIZE:
            aside = _aside(block[0], self.chance.uniform(-60.0, 60.0), self.chance.uniform(-60.0, 60.0))
            if all(_distance_m(aside, other) > 25.0 for other in block):
                block.append(aside)
        left = [block[0], *(self.world.random_place(self.chance) for _ in range(visits - _BLOCK_SIZE))]
        here, legs = depot, []
        while left:
            place = min(left, key=lambda other: _distance_m(here, other))
            left.remove(place)
            legs.append(self._leg(here, place, self.chance.uniform(300.0, 1500.0)))
            here = place
            for neighbour in block[1:] if place is block[0] else []:
                legs.append(self._leg(here, neighbour, self.chance.uniform(300.0, 900.0), on_foot=True))
                here = neighbour
        return [*legs, self._leg(here, depot, 0.0)]

    def _leg(self, start: Place, end: Place, service_s: float, *, on_foot: bool = False) -> _Leg:
        if on_foot:
            points = np.array([(start.latitude, start.longitude), (end.latitude, end.longitude)])
            return _Leg(end, service_s, points, _distance_m(start, end) / 1.2, np.empty(0, np.int32), on_foot=True)
        points, duration_s, edges = self.world.way(start, end)
        return _Leg(end, service_s, points, duration_s, edges, on_foot=False)

    def _plan(self, depot: Place, legs: list[_Leg]) -> PlannedDay:
        now_s, stops = DAY_START_S + 180.0, []
        for number, leg in enumerate(legs[:-1]):
            now_s += leg.duration_s + 30.0
            stops.append(_planned_stop(f"visit-{number}", leg, now_s))
            now_s += leg.service_s
        end_ms = round((now_s + legs[-1].duration_s) * SECOND_MS)
        path = np.concatenate([leg.points for leg in legs])
        return PlannedDay(
            worker_id="worker",
            stops=tuple(stops),
            start_ms=DAY_START_S * SECOND_MS,
            end_ms=end_ms,
            working_start_ms=DAY_START_S * SECOND_MS,
            working_end_ms=end_ms,
            length_m=float(chord_lengths_m(path[:, 0], path[:, 1]).sum()),
            path_latitude_degrees=path[:, 0].copy(),
            path_longitude_degrees=path[:, 1].copy(),
            edges=np.concatenate([leg.edges for leg in legs]).astype(np.int32),
            known_places=(KnownPlace(depot.latitude, depot.longitude),),
        )

    def _go(self, here: Place, leg: _Leg, planned: PlannedDay, *, is_detour: bool) -> None:
        if leg.on_foot:
            self.movement.step_to(leg.place.latitude, leg.place.longitude)
            return
        points, duration_s = leg.points, leg.duration_s
        started_at = Place(self.movement.latitude_degrees[-1], self.movement.longitude_degrees[-1])
        if _distance_m(started_at, Place(*points[0].tolist())) > OFF_PLAN_M:
            points, duration_s, _ = self.world.way(here, leg.place)
        start_s = self.movement.now_s
        if is_detour:
            via = self._via(here, leg.place)
            first, second = self.world.way(here, via), self.world.way(via, leg.place)
            points, duration_s = np.concatenate([first[0], second[0]]), first[1] + second[1]
        self.movement.step_to(*points[0].tolist())
        self.movement.travel(points, duration_s * self.chance.uniform(0.9, 1.2), halts=self.chance)
        self.movement.step_to(leg.place.latitude, leg.place.longitude)
        if is_detour:
            times_ms = (round(start_s * SECOND_MS), round(self.movement.now_s * SECOND_MS))
            self.detours.append(Detour(*times_ms, _off_plan_m(points, planned)))

    def _via(self, start: Place, end: Place) -> Place:
        """Pick a place 300 to 1500 m aside of the way."""
        middle = Place((start.latitude + end.latitude) / 2.0, (start.longitude + end.longitude) / 2.0)
        angle, aside_m = self.chance.uniform(0.0, 2.0 * math.pi), self.chance.uniform(300.0, 1500.0)
        positions = self.world.snap(_aside(middle, aside_m * math.cos(angle), aside_m * math.sin(angle)))
        edge = int(positions.edge[0])
        return Place(*self.world.network.edge_points(edge)[0].tolist()) if edge >= 0 else middle

    def _stop_somewhere(self, here: Place) -> Place:
        place = self.world.random_place(self.chance)
        points, duration_s, _ = self.world.way(here, place)
        self.movement.travel(points, duration_s, halts=self.chance)
        self.movement.stay(self.chance.uniform(600.0, 1800.0))
        return place


def _planned_stop(visit_id: str, leg: _Leg, arrival_s: float) -> PlannedStop:
    arrival_ms = round(arrival_s * SECOND_MS)
    return PlannedStop(
        visit_id=visit_id,
        latitude_degrees=leg.place.latitude,
        longitude_degrees=leg.place.longitude,
        arrival_ms=arrival_ms,
        departure_ms=arrival_ms + round(leg.service_s * SECOND_MS),
        earliest_arrival_ms=arrival_ms - 1_800_000,
        latest_arrival_ms=arrival_ms + 3_600_000,
        duration_s=leg.service_s,
    )


def _off_plan_m(points: FloatArray, planned: PlannedDay) -> float:
    path = PlannedPath.through(planned.path_latitude_degrees, planned.path_longitude_degrees)
    step_m = chord_lengths_m(points[:, 0], points[:, 1])
    middle = (points[1:] + points[:-1]) / 2.0
    distance_m, _ = path.nearest(middle[:, 0], middle[:, 1])
    return float(step_m[distance_m > OFF_PLAN_M].sum())
