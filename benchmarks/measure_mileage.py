"""Measures how true the measured mileage is, and how often its 95 % interval holds, on drives with known truth.

Command line
    python -m benchmarks.measure_mileage [--quick] [--json] [--each]

Two sets of drives (see the README of the data folder; environment variable ODOGRAPH_DATA):

* Porto: 40 simulated drives with exact truth, at intervals of 1 to 60 s and 5 or 15 m of white noise.
* Kubička: 29 real recordings with a hand-corrected true route, thinned to 1, 5, 30 and 60 s. The true length counts
  from the place of the first fix to that of the last. Left out: 41 has a hole in its truth, 54 leaves the roads, 13 is
  another size of network.

Keys: ``{set}_error_median_…`` median of the absolute share, ``{set}_error_p95_…`` its 95th percentile,
``{set}_interval_coverage_…`` share of drives whose true length lies in the interval, ``{set}_half_width_…`` median
half-width of the interval as a share.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.audit.planned_path import PlannedPath
from geo.audit.planned_path_kernels import nearest_in_stretch
from geo.audit.track_audit import Mileage
from geo.audit_track import audit_track
from geo.matching.map_matcher import MapMatcher
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track

MORNING_MS = 1_750_000_000_000
KUBICKA_INTERVALS_S = (1, 5, 30, 60)
KUBICKA_LEFT_OUT = {"00000013", "00000041", "00000054"}
END_M = 500.0
"""The first and last fix lie within this distance of the ends of the true route."""


@dataclass(frozen=True)
class Drive:
    """One measured drive beside its truth."""

    name: str
    kind: str
    true_m: float
    mileage: Mileage

    @property
    def error(self) -> float:
        """Measured length less the true one, as a share."""
        return self.mileage.total_m / self.true_m - 1.0

    @property
    def is_covered(self) -> bool:
        """Whether the truth lies in the interval."""
        return self.mileage.low_m <= self.true_m <= self.mileage.high_m


def porto_drives(count: int) -> Iterator[Drive]:
    """Measure simulated drives of Porto at every interval and noise."""
    network = import_osm_file(data_folder() / "extracts" / "porto_portugal.osm.pbf", CAR).network
    matcher, router = MapMatcher(network), Router.build(network)
    with gzip.open(data_folder() / "porto-simulated" / "tracks.json.gz") as file:
        drives = json.load(file)
    for drive in drives[:count]:
        for kind, points in drive["obs"].items():
            longitude, latitude, at_s = np.array(points).T
            audit = audit_track(_track(at_s, latitude, longitude), None, matcher, router)
            yield Drive(str(drive["id"]), f"porto_{kind}", drive["len"], audit.mileage)


def kubicka_drives(count: int) -> Iterator[Drive]:
    """Measure real recordings, thinned."""
    files = sorted((data_folder() / "kubicka").glob("*.osm.pbf"))
    names = [file.name.split(".")[0] for file in files]
    for name in [name for name in names if name not in KUBICKA_LEFT_OUT][:count]:
        folder = data_folder() / "kubicka"
        network = import_osm_file(folder / f"{name}.osm.pbf", CAR).network
        matcher, router = MapMatcher(network), Router.build(network)
        rows = _rows(folder / f"{name}.track.csv")
        at_s, latitude, longitude = (np.array([float(row[key]) for row in rows]) for key in ("t_s", "lat", "lon"))
        true_m = _true_length_m(_rows(folder / f"{name}.route.csv"), latitude, longitude)
        for every in KUBICKA_INTERVALS_S:
            thinned = _track(at_s[::every], latitude[::every], longitude[::every])
            yield Drive(name, f"kubicka_{every}s", true_m, audit_track(thinned, None, matcher, router).mileage)


def _track(at_s: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> Track:
    return recorded_track(MORNING_MS + np.round(at_s * 1000).astype(np.int64), latitude, longitude)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _true_length_m(route: list[dict[str, str]], latitude: np.ndarray, longitude: np.ndarray) -> float:
    """Length of the true route between the places of the first and the last fix."""
    last = route[-1]
    path = PlannedPath.through(
        np.array([*(float(arc["from_lat"]) for arc in route), float(last["to_lat"])]),
        np.array([*(float(arc["from_lon"]) for arc in route), float(last["to_lon"])]),
    )
    whole_m = float(path.line.along_m[-1])
    _, first_m = nearest_in_stretch(path.line, float(latitude[0]), float(longitude[0]), 0.0, END_M)
    _, last_m = nearest_in_stretch(path.line, float(latitude[-1]), float(longitude[-1]), whole_m - END_M, whole_m)
    return float(last["cum_m"]) * (last_m - first_m) / whole_m


def summary(drives: list[Drive]) -> dict[str, float]:
    """Turn drives into the measures, by set, interval and noise."""
    by_kind: dict[str, list[Drive]] = defaultdict(list)
    for drive in drives:
        by_kind[drive.kind].append(drive)
    measures: dict[str, float] = {}
    for kind, some in by_kind.items():
        name, _, how = kind.partition("_")
        error = np.abs([drive.error for drive in some])
        half_width = [(drive.mileage.high_m - drive.mileage.low_m) / 2.0 / drive.mileage.total_m for drive in some]
        measures[f"{name}_drives_{how}"] = len(some)
        measures[f"{name}_error_median_{how}"] = float(np.median(error))
        measures[f"{name}_error_p95_{how}"] = float(np.quantile(error, 0.95))
        measures[f"{name}_interval_coverage_{how}"] = float(np.mean([drive.is_covered for drive in some]))
        measures[f"{name}_half_width_{how}"] = float(np.median(half_width))
    return measures


def data_folder() -> Path:
    """Where the real data lie."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ODOGRAPH_DATA", default))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure mileage on drives with known truth.")
    parser.add_argument("--quick", action="store_true", help="five drives of each set: under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--each", action="store_true", help="print every drive beside its truth")
    arguments = parser.parse_args()
    if not data_folder().exists():
        sys.exit(f"{data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    count = 5 if arguments.quick else 1000
    drives = [*porto_drives(count), *kubicka_drives(count)]
    for drive in drives if arguments.each else ():
        interval = f"{drive.mileage.low_m / 1000:8.3f} to {drive.mileage.high_m / 1000:8.3f} km"
        lengths = f"true {drive.true_m / 1000:8.3f} km  measured {drive.mileage.total_m / 1000:8.3f} km ({interval})"
        print(f"{drive.kind:14s} {drive.name:10s} {lengths}  {100 * drive.error:+.2f} %")
    measures = summary(drives)
    for name, value in measures.items():
        print(f"{name:36s} {value:.4g}")
    if arguments.json:
        print(json.dumps({name: round(value, 5) for name, value in measures.items()}))


if __name__ == "__main__":
    main()
