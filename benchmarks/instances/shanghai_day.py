"""A day of real pick-ups in Shanghai as a planning problem: 228 visits, ten workers on e-bikes, real roads.

Places and time windows are those of the data (``lade`` of the data folder). Made up, because the data have no such
thing: every pick-up takes five minutes; the workers start and end at the visit in the middle of all, work ten hours
from 8:00 or 10:00, rest half an hour around noon, and cost 30 an hour and 0.5 a kilometre; a visit left out costs 100.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import E_BIKE
from geo.roads.snapping import Snapper
from geo.routing.router import Router
from optimizer.problem import Break, Problem, TimeWindow, TravelMatrix, Visit, Worker

_WORKERS = 10
_HOUR_S = 3600
_SERVICE_S = 300
_UNITS_PER_MONEY = 1000


def shanghai_day(data: Path) -> Problem | None:
    """State the day; None where the data folder has no such files."""
    table, roads = data / "lade" / "shanghai_centre_dev.csv", data / "extracts" / "shanghai-centre.osm.pbf"
    if not table.is_file() or not roads.is_file():
        return None
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    latitude, longitude = (np.array([float(row[f"{axis}_wgs84"]) for row in rows]) for axis in ("lat", "lng"))
    visits = tuple(
        Visit(
            f"pick-up {number}",
            number,
            _SERVICE_S,
            (TimeWindow(_second(row["time_window_start"]), _second(row["time_window_end"])),),
            unserved_cost=100 * _UNITS_PER_MONEY,
        )
        for number, row in enumerate(rows)
    )
    matrix = _travel_matrix(roads, latitude, longitude)
    # Some places snap to roads that are cut off from the others; the middle is among those from which most are reached.
    ways = matrix.reachable.sum(axis=1) + matrix.reachable.sum(axis=0)
    total_s = np.where(matrix.reachable, matrix.duration_s, 0).sum(axis=1)
    middle = int(np.lexsort((total_s, -ways))[0])
    workers = tuple(_worker(number, middle) for number in range(_WORKERS))
    return Problem(workers, visits, (matrix,), cost_units_per_money=_UNITS_PER_MONEY)


def _second(moment: str) -> int:
    """Second of the day of a moment like ``06-07 15:00:00``."""
    hours, minutes, seconds = (int(part) for part in moment.split()[1].split(":"))
    return hours * _HOUR_S + 60 * minutes + seconds


def _worker(number: int, middle: int) -> Worker:
    start_s = (8 + 2 * (number % 2)) * _HOUR_S
    return Worker(
        f"worker {number}",
        0,
        start_s,
        start_s + 10 * _HOUR_S,
        start_location=middle,
        end_location=middle,
        breaks=(Break(11 * _HOUR_S, 13 * _HOUR_S, _HOUR_S // 2),),
        cost_per_hour=30 * _UNITS_PER_MONEY,
        cost_per_km=_UNITS_PER_MONEY // 2,
    )


def _travel_matrix(roads: Path, latitude: np.ndarray, longitude: np.ndarray) -> TravelMatrix:
    network = import_osm_file(roads, E_BIKE).network
    positions = Snapper(network).snap(latitude, longitude, radius_m=1000.0)
    found = Router.build(network).travel_matrix(positions, positions)
    duration_s = np.rint(found.duration_ms / 1000).astype(np.int64)
    distance_m = np.rint(found.length_cm / 100).astype(np.int64)
    return TravelMatrix(duration_s, distance_m, found.reachable)
