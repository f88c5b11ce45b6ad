"""The tracks with known truth that matching is measured on, thinned, noisy or with holes, as the measure asks.

The data folder is named by the environment variable ``ODOGRAPH_DATA``; without it, it is ``../shared/data`` from the
project's root. What lies there and where it comes from: the README beside it.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from benchmarks.route_score import Arc
from geo.geodesy import METRES_PER_DEGREE, places_at
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.profiles import CAR
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track

PROJECT = Path(__file__).resolve().parents[1]
UNSCORED_KUBICKA = {"00000041", "00000054"}
"""A hole in the truth; stays of up to 42 minutes far off the road."""
PORTO_RATES_S = (1, 5, 30, 60)
PORTO_NOISES_M = (5, 15)


def data_folder() -> Path:
    """Folder of the real data."""
    return Path(os.environ.get("ODOGRAPH_DATA", PROJECT.parent / "shared" / "data"))


@dataclass(frozen=True, eq=False)
class TrueDrive:
    """A recording and the route that it was recorded on.

    Parameters
    ----------
    name
        Of the drive.
    track
        The recording.
    truth
        ``(p, 2)`` latitude and longitude of the true route.
    arcs, route
        Lengths of its arcs between OSM nodes, and the arcs in order; empty where the truth is a line only.
    """

    name: str
    track: Track
    truth: NDArray[np.float64]
    arcs: dict[Arc, float]
    route: tuple[Arc, ...]


def kubicka_names() -> list[str]:
    """Names of the real recordings whose truth is good enough to score."""
    folder = data_folder() / "kubicka"
    names = sorted(path.name.removesuffix(".track.csv") for path in folder.glob("*.track.csv"))
    return [name for name in names if name not in UNSCORED_KUBICKA]


@cache
def kubicka_network(name: str) -> RoadNetwork:
    """Return the road network that belongs to one recording."""
    return import_osm_file(data_folder() / "kubicka" / f"{name}.osm.pbf", CAR).network


@cache
def kubicka_drive(name: str) -> TrueDrive:
    """Return one real recording at 1 Hz with its hand-corrected route."""
    folder = data_folder() / "kubicka"
    time_s, longitude, latitude = np.loadtxt(folder / f"{name}.track.csv", delimiter=",", skiprows=1).T
    with (folder / f"{name}.route.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    ends = [(float(row["to_lat"]), float(row["to_lon"])) for row in rows]
    route = tuple((int(row["from_node_id"]), int(row["to_node_id"])) for row in rows)
    return TrueDrive(
        name=name,
        track=_track(time_s, latitude, longitude),
        truth=np.array([(float(rows[0]["from_lat"]), float(rows[0]["from_lon"])), *ends]),
        arcs={arc: float(row["length_m"]) for arc, row in zip(route, rows, strict=True)},
        route=route,
    )


@cache
def porto_network() -> RoadNetwork:
    """Return the roads of Porto."""
    return import_osm_file(data_folder() / "extracts" / "porto_portugal.osm.pbf", CAR).network


@cache
def _porto_rows() -> list[dict[str, Any]]:
    with gzip.open(data_folder() / "porto-simulated" / "tracks.json.gz", "rt") as file:
        rows: list[dict[str, Any]] = json.load(file)
    return rows


@cache
def porto_drives(rate_s: int, noise_m: int) -> tuple[TrueDrive, ...]:
    """Return the simulated drives over Porto at one rate and noise."""
    drives = []
    for row in _porto_rows():
        longitude, latitude, time_s = np.array(row["obs"][f"{rate_s}s_{noise_m}m"]).T
        truth = np.array(row["truth"])[:, ::-1]
        drives.append(TrueDrive(str(row["id"]), _track(time_s, latitude, longitude), truth, {}, ()))
    return tuple(drives)


def true_positions(drive: TrueDrive) -> Track:
    """Lay every point of a drive on the nearest place of its true route: the same drive without noise across it."""
    origin = drive.truth[0]
    scale = METRES_PER_DEGREE * np.array([1.0, np.cos(np.radians(origin[0]))])
    line = (drive.truth - origin) * scale
    along_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T)))
    at_m = np.arange(0.0, along_m[-1], 0.5)
    places = np.column_stack([np.interp(at_m, along_m, line[:, axis]) for axis in (0, 1)])
    points = np.column_stack([drive.track.latitude_degrees, drive.track.longitude_degrees])
    _, nearest = cKDTree(places).query((points - origin) * scale)
    latitude, longitude = (places[nearest] / scale + origin).T
    return _track(drive.track.time_ms / 1000.0, latitude, longitude)


def porto_network_without(way_ids: Collection[int]) -> RoadNetwork:
    """Return the roads of Porto, some OSM ways left out."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "poorer.osm.pbf"
        with osmium.SimpleWriter(file) as writer:
            for item in osmium.FileProcessor(data_folder() / "extracts" / "porto_portugal.osm.pbf"):
                if not (item.is_way() and item.id in way_ids):
                    writer.add(item)
        return import_osm_file(file, CAR).network


def porto_taxi_trips() -> list[Track]:
    """Return real taxi trips, one point each 15 s, that have at least two points."""
    csv.field_size_limit(2**24)
    with (data_folder() / "porto-taxi" / "train_1000.csv").open(newline="") as file:
        lines = [np.array(json.loads(row["POLYLINE"])).reshape(-1, 2) for row in csv.DictReader(file)]
    return [_track(15.0 * np.arange(len(line)), line[:, 1], line[:, 0]) for line in lines if len(line) > 1]


def thinned(track: Track, rate_s: float) -> Track:
    """Keep one point each `rate_s` seconds, and the last."""
    kept, due = [], -np.inf
    for point, time_s in enumerate(track.time_ms / 1000.0):
        if time_s >= due:
            kept.append(point)
            due = time_s + rate_s
    return _chosen(track, [*kept, len(track) - 1] if kept[-1] != len(track) - 1 else kept)


def with_white_noise(track: Track, noise_m: float, *, seed: int) -> Track:
    """Add independent normal noise per axis."""
    return _shifted(track, noise_m * np.random.default_rng(seed).standard_normal((2, len(track))))


def with_slow_noise(track: Track, noise_m: float, *, memory_s: float, seed: int) -> Track:
    """Add first-order autoregressive noise per axis."""
    rng = np.random.default_rng(seed)
    keep = np.exp(-np.diff(track.time_ms) / 1000.0 / memory_s)
    noise = rng.standard_normal((2, len(track)))
    for point in range(1, len(track)):
        fresh = np.sqrt(1.0 - keep[point - 1] ** 2)
        noise[:, point] = keep[point - 1] * noise[:, point - 1] + fresh * noise[:, point]
    return _shifted(track, noise_m * noise)


def without_minutes(track: Track, holes: int, *, seed: int, hole_s: float = 60.0) -> Track:
    """Drop the points of some random minutes, the first and last minute excepted."""
    rng = np.random.default_rng(seed)
    time_s = (track.time_ms - track.time_ms[0]) / 1000.0
    starts = rng.uniform(hole_s, max(time_s[-1] - 2.0 * hole_s, hole_s), holes)
    is_kept = ~((time_s[:, None] >= starts) & (time_s[:, None] < starts + hole_s)).any(axis=1)
    is_kept[[0, -1]] = True
    return _chosen(track, np.flatnonzero(is_kept))


def _track(time_s: ArrayLike, latitude: ArrayLike, longitude: ArrayLike) -> Track:
    return recorded_track(np.round(np.asarray(time_s) * 1000.0).astype(np.int64), latitude, longitude)


def _chosen(track: Track, kept: Sequence[int] | NDArray[np.intp]) -> Track:
    return Track(**{name: values[kept] for name, values in vars(track).items()})


def _shifted(track: Track, metres: NDArray[np.float64]) -> Track:
    north, east = metres
    places = [
        places_at(latitude, longitude, east_m=east_m, north_m=north_m)
        for latitude, longitude, east_m, north_m in zip(
            track.latitude_degrees, track.longitude_degrees, east, north, strict=True
        )
    ]
    latitude, longitude = np.array(places, np.float64).T
    return _track(track.time_ms / 1000.0, latitude, longitude)
