"""The executed day: a seeded simulation of a worker who follows a plan on the real roads, with what life adds to it.

Everything made here is simulated and is labelled so wherever it is shown: nobody drove it. What went differently is
known exactly, so that a reader can compare it with what the audit found.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.geodesy import chord_lengths_m, great_circles_m
from geo.roads.snapping import Snapper
from geo.routing.route_geometry import route_points
from geo.routing.router import Router
from geo.tracks.track import Track
from server.demo.movement import FloatArray, Movement
from server.demo.receiver import Receiver
from server.use_cases.day_plan import DayRoute, DayStop
from server.use_cases.planning_request import Place

_FARTHEST_DETOUR_M = 350.0
_PATH_STEP_M = 40.0
_GAP_LEAD_S = 120.0
_LATE_S = 60.0
"""As the audit, which forgives a minute."""


@dataclass(frozen=True)
class DayScript:
    """What goes differently from the plan. Stops are counted from 0.

    Parameters
    ----------
    missed_stop
        This stop is left out.
    detour_before_stop
        The way to this stop leads past a place that lies far aside.
    unplanned_place, unplanned_after_stop, unplanned_stay_s
        After this stop the worker spends some time at a place that nobody asked for.
    gap_before_stop, gap_s
        From two minutes before this stop is reached, the phone records nothing for so many seconds.
    claimed_share
        What is claimed, as a share of the distance really driven; None where nothing is claimed.
    """

    missed_stop: int | None = None
    detour_before_stop: int | None = None
    unplanned_place: Place | None = None
    unplanned_after_stop: int | None = None
    unplanned_stay_s: float = 15 * 60
    gap_before_stop: int | None = None
    gap_s: float = 45 * 60
    claimed_share: float | None = 1.0


@dataclass(frozen=True, eq=False)
class ExecutedDay:
    """A simulated day.

    Parameters
    ----------
    track
        What the phone recorded.
    driven_m
        How far the worker really went.
    claimed_m
        What the worker asks to be paid for; None where nothing.
    events
        What went differently from the plan, one sentence each.
    """

    track: Track
    driven_m: float
    claimed_m: float | None
    events: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Roads:
    """The roads that a worker travels on."""

    router: Router
    snapper: Snapper

    def way(self, start: Place, end: Place) -> tuple[FloatArray, float]:
        """Find the fastest way.

        Parameters
        ----------
        start, end
            Two places near roads.

        Returns
        -------
        tuple[FloatArray, float]
            ``(p, 2)`` latitude and longitude in degrees, and its seconds.
        """
        positions = self.snapper.snap(
            [start.latitude_degrees, end.latitude_degrees], [start.longitude_degrees, end.longitude_degrees]
        )
        route = self.router.route(positions, positions, origin=0, destination=1)
        return route_points(self.router.network, route), route.duration_ms / 1000

    def place_aside(self, route: DayRoute) -> Place:
        """Find the junction that lies farthest from the planned way, as far as a detour goes."""
        network = self.router.network
        junctions = np.unique(network.edge_tail[network.edge_component == 0])
        latitude, longitude = network.node_latitude_degrees[junctions], network.node_longitude_degrees[junctions]
        planned = [places_along(leg.latitude_degrees, leg.longitude_degrees) for leg in route.legs]
        aside_m = np.min(
            [great_circles_m(latitude, longitude, *place) for line in planned for place in line.tolist()], axis=0
        )
        aside_m[aside_m > _FARTHEST_DETOUR_M] = 0.0
        chosen = int(np.argmax(aside_m))
        return Place(float(latitude[chosen]), float(longitude[chosen]))


def execute_day(
    route: DayRoute, roads: Roads, script: DayScript, *, seed: int, receiver: Receiver | None = None
) -> ExecutedDay:
    """Simulate a worker's day.

    Parameters
    ----------
    route
        The plan; it has at least one stop.
    roads
        The roads of the worker.
    script
        What goes differently.
    seed
        Makes chance repeatable.
    receiver
        The phone's receiver.

    Returns
    -------
    ExecutedDay
        The recorded track and the truth about it.
    """
    day = _Day(route, roads, script, random.Random(seed))
    day.drive()
    track = (receiver or Receiver()).record(day.movement, np.random.default_rng(seed))
    if day.gap_start_s is not None:
        track = _without(track, day.gap_start_s * 1000, (day.gap_start_s + script.gap_s) * 1000)
    claimed_m = None if script.claimed_share is None else day.movement.length_m * script.claimed_share
    if script.claimed_share is not None and script.claimed_share > 1.0:
        day.events.append(f"claimed {script.claimed_share - 1.0:.0%} too much")
    return ExecutedDay(track, day.movement.length_m, claimed_m, tuple(day.events))


@dataclass
class _Day:
    """A day in the making: the movement so far, and what has happened."""

    route: DayRoute
    roads: Roads
    script: DayScript
    chance: random.Random
    movement: Movement = field(default_factory=Movement)
    events: list[str] = field(default_factory=list)
    gap_start_s: float | None = None
    breaks_taken: int = 0

    def drive(self) -> None:
        """Wait where the route starts, follow the plan to its end, and wait there until the shift is over."""
        start, end = _end_places(self.route)
        shift = self.route.shift
        self.movement.begin(float(shift.start_s), start.latitude_degrees, start.longitude_degrees)
        self.movement.stay(float((self.route.start_s or shift.start_s) - shift.start_s))
        here = start
        for index, stop in enumerate(self.route.stops):
            if index == self.script.missed_stop:
                self.events.append(f"left out stop {index + 1}")
                continue
            here = self._go_on(here, self._places_to(index, stop.position))
            if index == self.script.gap_before_stop:
                self._begin_gap(index)
            self._note_lateness(index, stop)
            opens_s = stop.time_window.start_s if stop.time_window else 0
            wait_s = max(opens_s - self.movement.now_s, 0.0)
            self._visit(here, wait_s + (stop.departure_s - stop.start_s) * self.chance.uniform(0.95, 1.15))
            if index == self.script.unplanned_after_stop and self.script.unplanned_place:
                here = self._go_on(here, (self.script.unplanned_place,))
                self._visit(here, self.script.unplanned_stay_s)
                self.events.append(f"made an unplanned stop after stop {index + 1}")
        self._go_on(here, (end,))
        self.movement.stay(max(shift.end_s - self.movement.now_s, 60.0))

    def _note_lateness(self, index: int, stop: DayStop) -> None:
        """Say so where slow ways and long visits before have eaten the slack of a stop: nobody planned that."""
        if stop.time_window and self.movement.now_s > stop.time_window.end_s + _LATE_S:
            minutes = (self.movement.now_s - stop.time_window.end_s) / 60
            self.events.append(f"ran {minutes:.0f} minutes late for stop {index + 1}, as days do")

    def _places_to(self, index: int, place: Place) -> Sequence[Place]:
        if index != self.script.detour_before_stop:
            return (place,)
        self.events.append(f"took a detour on the way to stop {index + 1}")
        return (self.roads.place_aside(self.route), place)

    def _go_on(self, here: Place, places: Sequence[Place]) -> Place:
        """Travel from place to place, a little slower or faster than planned; return the last."""
        for place in places:
            points, duration_s = self.roads.way(here, place)
            duration_s *= self.chance.uniform(0.95, 1.2)
            pause_s = self._break_due_s()
            half = len(points) // 2
            if pause_s and half:
                self.movement.travel(points[: half + 1], duration_s / 2, halts=self.chance)
                self.movement.stay(pause_s)
                points, duration_s = points[half:], duration_s / 2
            if len(points) > 1:
                self.movement.travel(points, duration_s, halts=self.chance)
            here = place
        return here

    def _visit(self, place: Place, duration_s: float) -> None:
        """Step from the road to the door, stay, and step back."""
        road = self.movement.latitude_degrees[-1], self.movement.longitude_degrees[-1]
        self.movement.step_to(place.latitude_degrees, place.longitude_degrees)
        self.movement.stay(duration_s)
        self.movement.step_to(*road)

    def _break_due_s(self) -> float:
        """Seconds of the planned break whose time has come; 0 where there is none."""
        due = self.route.breaks[self.breaks_taken :][:1]
        if not due or due[0].start_s > self.movement.now_s:
            return 0.0
        self.breaks_taken += 1
        return float(due[0].duration_s)

    def _begin_gap(self, index: int) -> None:
        self.gap_start_s = self.movement.now_s - _GAP_LEAD_S
        minutes = self.script.gap_s / 60
        self.events.append(f"recorded nothing for {minutes:.0f} minutes around stop {index + 1}")


def _end_places(route: DayRoute) -> tuple[Place, Place]:
    """Where the planned way starts and ends."""
    first, last = route.legs[0], route.legs[-1]
    return (
        Place(float(first.latitude_degrees[0]), float(first.longitude_degrees[0])),
        Place(float(last.latitude_degrees[-1]), float(last.longitude_degrees[-1])),
    )


def places_along(latitude_degrees: FloatArray, longitude_degrees: FloatArray) -> FloatArray:
    """Take places along a line at equal steps.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(p,)`` points of the line.

    Returns
    -------
    FloatArray
        ``(n, 2)`` latitude and longitude in degrees, both ends included.
    """
    along_m = np.append(0.0, np.cumsum(chord_lengths_m(latitude_degrees, longitude_degrees)))
    steps_m = np.linspace(0.0, along_m[-1], max(2, int(along_m[-1] / _PATH_STEP_M)))
    return np.column_stack([np.interp(steps_m, along_m, column) for column in (latitude_degrees, longitude_degrees)])


def _without(track: Track, start_ms: float, end_ms: float) -> Track:
    """Leave out the points between two times."""
    kept = (track.time_ms < start_ms) | (track.time_ms >= end_ms)
    return Track(
        time_ms=track.time_ms[kept],
        latitude_degrees=track.latitude_degrees[kept],
        longitude_degrees=track.longitude_degrees[kept],
        accuracy_m=track.accuracy_m[kept],
        speed_mps=track.speed_mps[kept],
        bearing_degrees=track.bearing_degrees[kept],
    )
