"""Read and make field-service days, and state them as planning problems.

The objective of such a day is lexicographic: the fewest priority points of visits left out, then the least travel
time. As one sum: a second of travel costs 1, a point `UNSERVED_POINT_COST`, which is more than any detour that a
visit could be worth. Travel is stated in the matrix of distances (1 m for 1 s), since in a planning problem the price
of time covers waiting and service as well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Break, Problem, TimeWindow, TravelMatrix, Visit, Worker

UNSERVED_POINT_COST = 20_000
_EARTH_RADIUS_M = 6_371_008.8
_DETOUR = 1.3
_SPEED_MPS = 30 / 3.6
_HOUR_S = 3600


@dataclass(frozen=True, eq=False)
class FieldDay:
    """A day, and what its problem's figures mean.

    Parameters
    ----------
    name
        Of the day.
    problem
        With the objective as above; the priority points of a visit are its `unserved_cost` over the cost of a point.
    """

    name: str
    problem: Problem

    def points_and_travel_h(self, orders: Sequence[Sequence[int]]) -> tuple[int, float]:
        """Priority points left out, and hours of travel, of the visits of each worker in order."""
        travel = self.problem.matrices[0].duration_s
        left_out = set(range(len(self.problem.visits))) - {one for order in orders for one in order}
        points = sum((self.problem.visits[one].unserved_cost or 0) // UNSERVED_POINT_COST for one in left_out)
        seconds = 0
        for worker, order in zip(self.problem.workers, orders, strict=True):
            if order:
                locations = [self.problem.visits[one].location for one in order]
                way = np.array([worker.start_location, *locations, worker.end_location])
                seconds += int(travel[way[:-1], way[1:]].sum())
        return points, seconds / _HOUR_S


def read_field_day(path: Path) -> FieldDay:
    """Read a day from a JSON file that describes its own semantics (``field-days`` of the data folder)."""
    day = json.loads(path.read_text())
    workers = tuple(
        make_worker(row["id"], row["start"], row["end"], row["shift"], row["skills"], row["break"])
        for row in day["workers"]
    )
    visits = tuple(
        Visit(
            row["id"],
            row["location"],
            row["duration"],
            tuple(TimeWindow(*window) for window in row["time_windows"]),
            frozenset(map(str, row["skills"])),
            row["priority"] * UNSERVED_POINT_COST,
        )
        for row in day["visits"]
    )
    return FieldDay(day["name"], Problem(workers, visits, (make_travel(np.array(day["locations"])),)))


def make_field_day(workers: int, visits: int, seed: int) -> FieldDay:
    """Make a day of the same kind: customers around towns, homes among them, more work than the day holds.

    Parameters
    ----------
    workers, visits
        How many.
    seed
        Makes it repeatable.
    """
    random = np.random.default_rng([seed, workers, visits])
    towns = random.normal((50.08, 14.43), (0.10, 0.16), (12, 2))
    town = random.choice(len(towns), workers + visits, p=random.dirichlet(np.full(len(towns), 2.0)))
    places = towns[town] + random.normal(0, (0.03, 0.045), (workers + visits, 2))
    breaks = {"start_window": (41_400, 47_700), "duration": 2700}
    crew = []
    for k in range(workers):
        start_s = int(random.choice([28_800, 32_400], p=[0.6, 0.4]))
        known = {int(one) for one in random.choice(3, random.integers(1, 4), replace=False) + 1}
        crew.append(make_worker(f"worker{k}", k, k, (start_s, start_s + 8 * _HOUR_S), sorted(known), breaks))
    # The mean service of two thirds of an hour and the way there fill a shift with some eight visits.
    services = np.array([900, 1200, 1500, 1800, 2100, 2400, 2700])
    asked = tuple(
        Visit(
            f"visit{k}",
            workers + k,
            int(random.choice(services)),
            _windows(random),
            frozenset([str(random.integers(1, 4))] if random.random() < 0.5 else []),
            int(random.choice([1, 3, 10], p=[0.4, 0.4, 0.2])) * UNSERVED_POINT_COST,
        )
        for k in range(visits)
    )
    return FieldDay(f"made-{workers}x{visits}-{seed}", Problem(tuple(crew), asked, (make_travel(places),)))


def _windows(random: np.random.Generator) -> tuple[TimeWindow, ...]:
    kind = random.random()
    if kind < 0.35:
        return (TimeWindow(28_800, 61_200),)
    if kind < 0.55:
        return (TimeWindow(28_800, 43_200),)
    if kind < 0.80:
        return (TimeWindow(43_200, 61_200),)
    first_s = 28_800 + _HOUR_S * int(random.integers(0, 4))
    if kind < 0.93:
        return (TimeWindow(first_s, first_s + 2 * _HOUR_S),)
    return (TimeWindow(first_s, first_s + 2 * _HOUR_S), TimeWindow(first_s + 4 * _HOUR_S, first_s + 6 * _HOUR_S))


def make_worker(
    name: str,
    start: int,
    end: int,
    shift: Sequence[int],
    skills: Sequence[int],
    pause: dict[str, Any] | None = None,
) -> Worker:
    """Make a worker to whom a metre costs 1, with a break or without.

    Parameters
    ----------
    name
        Of the worker.
    start, end
        Locations.
    shift
        First and last second.
    skills
        What is known.
    pause
        ``start_window`` and ``duration`` in seconds.
    """
    breaks = () if pause is None else (Break(*pause["start_window"], pause["duration"]),)
    return Worker(
        name,
        0,
        shift[0],
        shift[1],
        start_location=start,
        end_location=end,
        skills=frozenset(map(str, skills)),
        breaks=breaks,
        cost_per_km=1000,
    )


def make_travel(degrees: NDArray[np.float64]) -> TravelMatrix:
    """Make ways between places, ``(n, 2)`` latitude and longitude in degrees: straight, with a detour, at 30 km/h."""
    latitude, longitude = np.radians(degrees).T
    rise = np.sin((latitude[:, None] - latitude) / 2) ** 2
    turn = np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    metres = 2 * _EARTH_RADIUS_M * np.arcsin(np.sqrt(rise + turn)) * _DETOUR
    seconds = np.rint(metres / _SPEED_MPS).astype(np.int64)
    return TravelMatrix(seconds, seconds, np.ones(seconds.shape, np.bool_))
