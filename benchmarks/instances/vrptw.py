"""Read and make vehicle routing instances with time windows, and state them as planning problems.

The convention of the measurements: distances are Euclidean, truncated to one decimal; times and distances are kept as
whole tenths; the objective is the total distance; the fleet is limited to the file's number of vehicles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import Problem, TimeWindow, TravelMatrix, Visit, Worker

_TENTHS = 10
_COLUMNS_OF_A_CUSTOMER = 7


@dataclass(frozen=True, eq=False)
class VrptwInstance:
    """Depot (row 0) and customers of one instance; times and distances in tenths.

    Parameters
    ----------
    name
        As in the file.
    vehicles, capacity
        Fleet size and load limit of each.
    coordinates
        ``(n + 1, 2)`` float64.
    demand, opening, closing, service
        ``(n + 1,)`` int64.
    """

    name: str
    vehicles: int
    capacity: int
    coordinates: NDArray[np.float64]
    demand: NDArray[np.int64]
    opening: NDArray[np.int64]
    closing: NDArray[np.int64]
    service: NDArray[np.int64]

    def distances(self) -> NDArray[np.int64]:
        """Euclidean distances truncated to tenths, ``(n + 1, n + 1)`` int64."""
        difference = self.coordinates[:, None] - self.coordinates[None]
        # The small addend keeps exact tenths from falling below themselves in floating point.
        return np.floor(_TENTHS * np.sqrt((difference**2).sum(axis=-1)) + 1e-9).astype(np.int64)

    def problem(self) -> Problem:
        """State the instance as a planning problem: 1000 cost units per 1000 tenths of distance, no other cost."""
        distances = self.distances()
        matrix = TravelMatrix(distances, distances, np.ones(distances.shape, np.bool_))
        workers = tuple(
            Worker(
                f"vehicle{k}",
                0,
                int(self.opening[0]),
                int(self.closing[0]),
                start_location=0,
                end_location=0,
                capacity=self.capacity,
                cost_per_km=1000,
            )
            for k in range(self.vehicles)
        )
        visits = tuple(
            Visit(
                f"customer{k}",
                k,
                int(self.service[k]),
                (TimeWindow(int(self.opening[k]), int(self.closing[k])),),
                load=int(self.demand[k]),
            )
            for k in range(1, len(self.demand))
        )
        return Problem(workers, visits, (matrix,))


def read_vrptw(path: Path) -> VrptwInstance:
    """Read a file of Solomon's format (``.txt``) or of VRPLIB's (``.vrp``)."""
    return _read_vrplib(path) if path.suffix == ".vrp" else _read_solomon(path)


def read_best_known(path: Path) -> dict[str, float]:
    """Best-known distance of each instance."""
    return {name: row["best_known"] for name, row in json.loads(path.read_text())["instances"].items()}


def _read_solomon(path: Path) -> VrptwInstance:
    rows = [line.split() for line in path.read_text().splitlines()]
    vehicles, capacity = next((int(r[0]), int(r[1])) for r in rows if len(r) == 2 and r[0].isdigit())
    table = np.array([row for row in rows if len(row) == _COLUMNS_OF_A_CUSTOMER and row[0].isdigit()], np.float64)
    times = np.rint(table[:, 4:7] * _TENTHS).astype(np.int64)
    return VrptwInstance(
        path.stem,
        vehicles,
        capacity,
        table[:, 1:3],
        table[:, 3].astype(np.int64),
        times[:, 0],
        times[:, 1],
        times[:, 2],
    )


def _read_vrplib(path: Path) -> VrptwInstance:
    header: dict[str, str] = {}
    sections: dict[str, list[list[float]]] = {}
    rows: list[list[float]] | None = None
    for line in path.read_text().splitlines():
        if line.strip().endswith("_SECTION"):
            rows = sections.setdefault(line.strip(), [])
        elif ":" in line:
            key, value = line.split(":", 1)
            header[key.strip()] = value.strip()
        elif rows is not None and line.strip() not in {"", "EOF", "-1"}:
            rows.append([float(word) for word in line.split()])
    coordinates, demand, windows = (
        np.array(sections[f"{name}_SECTION"])[:, 1:] for name in ("NODE_COORD", "DEMAND", "TIME_WINDOW")
    )
    times = np.rint(windows * _TENTHS).astype(np.int64)
    service = np.full(len(times), round(float(header["SERVICE_TIME"]) * _TENTHS), np.int64)
    service[0] = 0
    return VrptwInstance(
        path.stem,
        int(header["VEHICLES"]),
        int(header["CAPACITY"]),
        coordinates,
        demand[:, 0].astype(np.int64),
        times[:, 0],
        times[:, 1],
        service,
    )


def make_vrptw(kind: str, customers: int, seed: int) -> VrptwInstance:
    """Make an instance in the manner of Solomon and of Gehring & Homberger.

    Parameters
    ----------
    kind
        ``R1``, ``C1``, ``RC1``, ``R2``, ``C2`` or ``RC2``: uniform, clustered or mixed places; short (1) or long (2)
        horizon.
    customers
        How many.
    seed
        Makes it repeatable.
    """
    random = np.random.default_rng([seed, customers, *kind.encode()])
    long_horizon, clustered = kind.endswith("2"), kind.startswith("C")
    side = 7.0 * np.sqrt(customers)
    coordinates = random.uniform(0, side, (customers + 1, 2))
    share = {"R": 0.0, "C": 1.0, "RC": 0.5}[kind[:-1]]
    centres = random.uniform(0, side, (max(2, customers // 20), 2))
    member = random.random(customers + 1) < share
    around = centres[random.integers(0, len(centres), customers + 1)] + random.normal(0, side / 50, (customers + 1, 2))
    coordinates = np.rint(np.where(member[:, None], np.clip(around, 0, side), coordinates))
    coordinates[0] = np.rint(side / 2)
    service = np.full(customers + 1, (90 if clustered else 10) * _TENTHS, np.int64)
    service[0] = 0
    horizon = int((1000.0 if long_horizon else 230.0) * _TENTHS * (3.4 if clustered else 1.0) + 10 * side * _TENTHS / 7)
    opening, closing = _windows(random, coordinates, service, horizon, long_horizon=long_horizon)
    demand = np.append(0, random.integers(1, 42, customers)).astype(np.int64)
    vehicles = max(4, customers // 4)
    return VrptwInstance(
        f"{kind}_{customers}_{seed}",
        vehicles,
        1000 if long_horizon else 200,
        coordinates,
        demand,
        opening,
        closing,
        service,
    )


def _windows(
    random: np.random.Generator,
    coordinates: NDArray[np.float64],
    service: NDArray[np.int64],
    horizon: int,
    *,
    long_horizon: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Windows around random centres that the depot can reach; a random share of customers has none."""
    count = len(coordinates)
    way = np.ceil(_TENTHS * np.hypot(*(coordinates - coordinates[0]).T)).astype(np.int64)
    latest = horizon - way - service
    mean = horizon * (0.12 if long_horizon else 0.25) * random.uniform(0.5, 1.5)
    half = np.maximum(5 * _TENTHS, random.normal(mean / 2, mean / 8, count)).astype(np.int64)
    centre = way + (random.random(count) * np.maximum(0, latest - way)).astype(np.int64)
    windowed = random.random(count) < random.choice([0.5, 0.75, 1.0])
    opening = np.where(windowed, np.maximum(way, centre - half), 0)
    closing = np.where(windowed, np.minimum(latest, centre + half), latest)
    opening[0], closing[0] = 0, horizon
    return opening, np.maximum(opening, closing)
