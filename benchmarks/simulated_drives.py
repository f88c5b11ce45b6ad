"""Drives with exact truth on any road network, for measuring mileage, its interval and the confidence of matches.

A drive leads from a random place to another, often by some stops, on some days by a dozen. Drivers do not follow the
map's fastest way: each has a way of seeing speeds, a random factor per road, and takes the way that is fastest by it.
They wait at some junctions, go faster or slower than the map says, and stand beside the road at each stop; in half of
the drives they walk from there to a door some way off the road and back, which is no mileage. All of it comes from the
seed.

A recording takes the true place at its moments and adds noise per axis: independent from fix to fix ("white"), or with
a memory ("slow", first-order autoregressive with 30 s), as reflections and atmosphere make it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE, great_circles_m
from geo.matching.matched_geometry import path_corners
from geo.roads.network import RoadNetwork
from geo.routing.positions import RoadPositions
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track

FloatArray = NDArray[np.float64]

MORNING_MS = 1_750_000_000_000
MEMORY_S = 30.0
"""How long slow noise stays the same."""

_DRIVERS = 6
_SEEN_SPEED_SPREAD = 0.25
_SHORTEST_LEG_M = 800.0
_LONGEST_LEG_M = 15_000.0
_LONGEST_LEG_OF_ROUND_M = 5_000.0
_ROUND_SHARE = 0.3
"""Share of drives with many stops close together."""
_WALK_SHARE = 0.5
"""Share of drives whose stops are visits behind a door."""
_DOOR_M = 28.0
"""Mean distance from the vehicle to the door."""
_WALKING_MPS = 1.3
_WAIT_SHARE = 0.12
"""Share of edges at whose end a driver waits."""


@dataclass(frozen=True)
class Phone:
    """How a drive is recorded: seconds between fixes, standard deviation per axis, and whether the noise is slow."""

    every_s: float
    noise_m: float
    is_slow: bool


@dataclass(frozen=True, eq=False)
class SimulatedDrive:
    """A drive and its truth.

    Parameters
    ----------
    edge, edge_enter_ms, edge_leave_ms, edge_m
        ``(e,)`` what was driven: edges in order, when, and how many metres of each.
    time_ms, latitude_degrees, longitude_degrees, along_m
        ``(p,)`` where the worker was, and how far they had gone by then; straight in between.
    """

    edge: NDArray[np.int32]
    edge_enter_ms: FloatArray
    edge_leave_ms: FloatArray
    edge_m: FloatArray
    time_ms: FloatArray
    latitude_degrees: FloatArray
    longitude_degrees: FloatArray
    along_m: FloatArray

    def record(self, phone: Phone, *, seed: int) -> Track:
        """Record the drive."""
        chance = np.random.default_rng(seed)
        at_ms = np.arange(self.time_ms[0], self.time_ms[-1], phone.every_s * 1000.0)
        noise = chance.standard_normal((2, len(at_ms)))
        if phone.is_slow:
            keep = np.exp(-phone.every_s / MEMORY_S)
            for point in range(1, len(at_ms)):
                noise[:, point] = keep * noise[:, point - 1] + np.sqrt(1.0 - keep * keep) * noise[:, point]
        latitude = np.interp(at_ms, self.time_ms, self.latitude_degrees)
        longitude = np.interp(at_ms, self.time_ms, self.longitude_degrees)
        north, east = phone.noise_m * noise / METRES_PER_DEGREE
        return recorded_track(at_ms.astype(np.int64), latitude + north, longitude + east / np.cos(np.radians(latitude)))

    def length_m(self, start_ms: float, end_ms: float) -> float:
        """Metres driven between two moments."""
        start_m, end_m = np.interp([start_ms, end_ms], self.time_ms, self.along_m)
        return float(end_m - start_m)

    def edge_metres(self, start_ms: float, end_ms: float) -> dict[int, float]:
        """Metres driven on each edge between two moments."""
        span_ms = np.maximum(self.edge_leave_ms - self.edge_enter_ms, 1e-9)
        seen_ms = np.minimum(self.edge_leave_ms, end_ms) - np.maximum(self.edge_enter_ms, start_ms)
        metres = self.edge_m * np.clip(seen_ms / span_ms, 0.0, 1.0)
        driven: dict[int, float] = {}
        for edge, length_m in zip(self.edge.tolist(), metres.tolist(), strict=True):
            if length_m > 0.0:
                driven[edge] = driven.get(edge, 0.0) + length_m
        return driven


class DriveWorld:
    """A road network on which drivers drive."""

    def __init__(self, network: RoadNetwork, *, seed: int) -> None:
        self.network = network
        self.router = Router.build(network)
        chance = np.random.default_rng(seed)
        overlay = SpeedOverlay.of_network(network)
        edges = np.arange(network.edge_count)
        self._routers = [
            self.router.with_speeds(
                overlay.with_durations(
                    edges,
                    np.maximum(
                        1, overlay.edge_duration_ms * np.exp(_SEEN_SPEED_SPREAD * chance.standard_normal(len(edges)))
                    ).astype(np.int32),
                )
            )
            for _ in range(_DRIVERS)
        ]
        self._usable = np.flatnonzero((network.edge_component == 0) & (network.edge_length_cm > 1000))

    def drives(self, count: int, *, seed: int) -> Iterator[SimulatedDrive]:
        """Make drives, one after the other."""
        for number in range(count):
            yield self._drive(np.random.default_rng([seed, number]))

    def _drive(self, chance: np.random.Generator) -> SimulatedDrive:
        router = self._routers[int(chance.integers(_DRIVERS))]
        is_round = chance.random() < _ROUND_SHARE
        stops = int(chance.integers(6, 14) if is_round else chance.integers(0, 4))
        walks = chance.random() < _WALK_SHARE
        places = self._places(chance, stops + 2, longest_m=_LONGEST_LEG_OF_ROUND_M if is_round else _LONGEST_LEG_M)
        timeline = _Timeline(self.network, chance)
        for leg in range(len(places) - 1):
            route = router.route(places, places, origin=leg, destination=leg + 1)
            first, last = np.zeros(len(route.edges)), np.ones(len(route.edges))
            first[0], last[-1] = route.first_fraction, route.last_fraction
            timeline.travel(route.edges, first, last)
            if leg + 2 < len(places):
                timeline.stand(float(chance.uniform(180.0, 1200.0)), walks=walks)
        return timeline.finished()

    def _places(self, chance: np.random.Generator, count: int, *, longest_m: float) -> RoadPositions:
        """Pick places, each at some distance from the one before."""
        network, edges = self.network, [int(chance.choice(self._usable))]
        while len(edges) < count:
            tails = network.edge_tail[[edges[-1], edge := int(chance.choice(self._usable))]]
            latitude, longitude = network.node_latitude_degrees[tails], network.node_longitude_degrees[tails]
            away_m = float(great_circles_m(latitude[0], longitude[0], latitude[1], longitude[1]))
            if _SHORTEST_LEG_M < away_m < longest_m:
                edges.append(edge)
        return RoadPositions(
            edge=np.array(edges, np.int32),
            fraction=chance.uniform(0.1, 0.9, count),
            distance_m=np.zeros(count),
            side=np.zeros(count, np.int8),
            component=np.zeros(count, np.int32),
        )


class _Timeline:
    """Collects where a worker is when."""

    def __init__(self, network: RoadNetwork, chance: np.random.Generator) -> None:
        self._network, self._chance = network, chance
        self._pace = chance.uniform(0.8, 1.3)  # how many times as long as the map says
        self._now_ms, self._gone_m = float(MORNING_MS), 0.0
        self._edges: list[tuple[FloatArray, ...]] = []
        self._corners: list[tuple[FloatArray, ...]] = []

    def travel(self, edges: NDArray[np.int32], first: FloatArray, last: FloatArray) -> None:
        """Drive along edges."""
        network, chance = self._network, self._chance
        share = np.maximum(last - first, 0.0)
        whole_ms = network.edge_duration_ms[edges] * self._pace * np.exp(0.15 * chance.standard_normal(len(edges)))
        wait_ms = np.where(chance.random(len(edges)) < _WAIT_SHARE, chance.uniform(3e3, 4e4, len(edges)), 0.0)
        wait_ms[-1] = 0.0
        enter_ms = self._now_ms + np.concatenate([[0.0], np.cumsum(share * whole_ms + wait_ms)])
        leave_ms = enter_ms[:-1] + share * whole_ms
        metres = share * network.edge_length_cm[edges] / 100.0
        entered_m = self._gone_m + np.concatenate([[0.0], np.cumsum(metres)])
        corners = path_corners(network, edges, first, np.maximum(first, last))
        part = corners.part
        within = (corners.fraction - first[part]) / np.where(share > 0.0, share, 1.0)[part]
        self._corners.append(
            (
                enter_ms[part] + within * (leave_ms - enter_ms[:-1])[part],
                corners.latitude_degrees,
                corners.longitude_degrees,
                entered_m[part] + within * metres[part],
            )
        )
        self._edges.append((edges.astype(np.float64), enter_ms[:-1], leave_ms, metres))
        self._now_ms, self._gone_m = float(enter_ms[-1]), float(entered_m[-1])

    def stand(self, duration_s: float, *, walks: bool) -> None:
        """Stand still some metres beside the road, or walk to a door and back."""
        chance = self._chance
        north_m, east_m = chance.normal(0.0, 6.0, 2)
        if walks:
            far_m, bearing = chance.gamma(2.0, _DOOR_M / 2.0), chance.uniform(0.0, 2.0 * np.pi)
            north_m, east_m = far_m * np.cos(bearing), far_m * np.sin(bearing)
        road = self._corners[-1][1][-1], self._corners[-1][2][-1]
        latitude = road[0] + north_m / METRES_PER_DEGREE
        longitude = road[1] + east_m / METRES_PER_DEGREE / np.cos(np.radians(road[0]))
        step_ms = 1e3 * max(5.0, float(np.hypot(north_m, east_m)) / _WALKING_MPS)
        times = self._now_ms + np.array([step_ms, step_ms + 1e3 * duration_s])
        here = np.ones(2)
        self._corners.append((times, latitude * here, longitude * here, self._gone_m * here))
        self._now_ms += 1e3 * duration_s + 2.0 * step_ms

    def finished(self) -> SimulatedDrive:
        """Put everything together."""
        edge, enter_ms, leave_ms, metres = (np.concatenate(column) for column in zip(*self._edges, strict=True))
        time_ms, latitude, longitude, along_m = (np.concatenate(column) for column in zip(*self._corners, strict=True))
        return SimulatedDrive(edge.astype(np.int32), enter_ms, leave_ms, metres, time_ms, latitude, longitude, along_m)
