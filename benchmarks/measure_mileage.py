"""Measures how true the measured mileage is, how often its 95 % interval holds, and what the confidence is worth.

Command line
    python -m benchmarks.measure_mileage [--quick] [--json] [--each]

Sets of drives (see the README of the data folder; environment variable ODOGRAPH_DATA):

* Simulated drives with exact truth (`benchmarks.simulated_drives`) in four cities, of which Porto and Shanghai were
  fitted on with other seeds, Liechtenstein and Monaco not at all; every 1, 5, 15, 30 and 60 s, with 5 and 15 m of white
  and of slow noise.
* Porto: the 40 given drives with exact truth, at intervals of 1 to 60 s and 5 or 15 m of white noise.
* Kubička: 29 real recordings with a hand-corrected true route, thinned to 1, 5, 15, 30 and 60 s
  (`benchmarks.real_drives`). Left out: 41 has a hole in its truth, 54 leaves the roads, 13 is another size of network.
* An hour parked at 5 m of noise, white and slow (see `benchmarks.parked_hours`).

Keys
    interval_coverage_{r}s            share of simulated drives whose true length lies in the interval;
    interval_coverage_{r}s_{m}m_…     the same for one noise, white or slow
    interval_half_width_{r}s          median half-width as a share
    confidence_calibration_error      mean distance between confidence and the share of metres that was driven, over ten
                                      bins of segments weighted by metres (Naeini et al., AAAI 2015); _{r}s by interval;
                                      _doubted: among the tenth of all links that is doubted most
    confidence_rank                   probability that of two links, one driven and one not, the latter is doubted more
    kubicka_confidence_calibration_error_{r}s   the same over all links of the real recordings, by interval;
                                      _doubted: among the tenth of all their links that is doubted most
    {set}_error_median_…, …_p95_…     absolute error as a share, of the given sets, by interval and noise
    {set}_interval_coverage_…         as above; {set}_half_width_… likewise
    parked_phantom_m_{r}s             the most metres that a parked hour adds
    live_same_…, live_same_known_…, live_bytes_…   points settled live on the edge of the whole track
                                      (`benchmarks.live_matching`)
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.drive_evidence import RATES_S, RecordedDrive, measured_drives
from benchmarks.live_matching import live_measures
from benchmarks.matching_data import data_folder
from benchmarks.parked_hours import parked_phantom_m
from benchmarks.real_drives import INTERVALS_S, RealDrive, real_drives
from benchmarks.simulated_drives import DriveWorld
from geo.audit.track_audit import Mileage
from geo.audit_track import audit_track
from geo.matching.confidence import WEIGHTS
from geo.matching.map_matcher import MapMatcher
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track

MORNING_MS = 1_750_000_000_000
CITIES = ("porto_portugal", "shanghai-centre", "liechtenstein", "monaco-osrm")
SEED = 101
"""Other drives and drivers than those that `benchmarks.fit_mileage` fits on."""
BINS = 10


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


def _track(at_s: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> Track:
    return recorded_track(MORNING_MS + np.round(at_s * 1000).astype(np.int64), latitude, longitude)


def simulated_measures(cities: tuple[str, ...], count: int) -> dict[str, float]:
    """Make, match and measure drives of some cities."""
    recorded: list[RecordedDrive] = []
    for city in cities:
        world = DriveWorld(import_osm_file(data_folder() / "extracts" / f"{city}.osm.pbf", CAR).network, seed=SEED)
        for drive in measured_drives(world, count, seed=SEED):
            show(f"{city}: drive {drive.number + 1} of {count}")
            recorded.append(drive)
    measures: dict[str, float] = {"simulated_drives": len(recorded)}
    for rate_s in RATES_S:
        some = [drive for drive in recorded if drive.phone.every_s == rate_s]
        name = f"{rate_s:.0f}s"
        measures[f"interval_coverage_{name}"] = float(np.mean([drive.is_covered for drive in some]))
        widths = [(drive.mileage.high_m - drive.mileage.low_m) / 2.0 / drive.true_m for drive in some]
        measures[f"interval_half_width_{name}"] = float(np.median(widths))
        measures[f"simulated_error_median_{name}"] = float(np.median([abs(d.error_m) / d.true_m for d in some]))
        for phone in dict.fromkeys(drive.phone for drive in some):
            covered = [drive.is_covered for drive in some if drive.phone == phone]
            kind = "slow" if phone.is_slow else "white"
            measures[f"interval_coverage_{name}_{phone.noise_m:.0f}m_{kind}"] = float(np.mean(covered))
        measures[f"confidence_calibration_error_{name}"] = _segment_calibration_error(some)
    measures["confidence_calibration_error"] = _segment_calibration_error(recorded)
    return {**measures, **_link_measures(recorded)}


def _segment_calibration_error(drives: list[RecordedDrive]) -> float:
    return calibration_error(
        np.concatenate([drive.segment_confidence for drive in drives]),
        np.concatenate([drive.segment_right for drive in drives]),
        np.concatenate([drive.segment_m for drive in drives]),
    )


def kubicka_measures(drives: list[RealDrive]) -> dict[str, float]:
    """Measure what the confidence is worth on real recordings."""
    measures: dict[str, float] = {}
    for name, some in (
        *((f"{every_s}s", [drive for drive in drives if drive.every_s == every_s]) for every_s in INTERVALS_S),
        ("all", drives),
    ):
        confidence, right, metres = (
            np.concatenate([getattr(drive, column) for drive in some])
            for column in ("link_confidence", "link_right", "link_m")
        )
        measures[f"kubicka_confidence_calibration_error_{name}"] = calibration_error(confidence, right, metres)
    doubted = confidence <= np.quantile(confidence, 0.1)
    key = "kubicka_confidence_calibration_error_doubted"
    return {**measures, key: calibration_error(confidence[doubted], right[doubted], metres[doubted])}


def _link_measures(drives: list[RecordedDrive]) -> dict[str, float]:
    confidence = np.concatenate([1.0 / (1.0 + np.exp(-drive.features @ WEIGHTS)) for drive in drives])
    right = np.concatenate([drive.link_right for drive in drives])
    metres = np.concatenate([drive.link_m for drive in drives])
    doubted = confidence <= np.quantile(confidence, 0.1)
    rank = np.argsort(np.argsort(confidence))
    wrong = right < 0.5
    wrongs, rights = int(wrong.sum()), int((~wrong).sum())
    above = rank[~wrong].sum() - rights * (rights - 1) / 2.0
    return {
        "confidence_calibration_error_doubted": calibration_error(confidence[doubted], right[doubted], metres[doubted]),
        "confidence_rank": float(above / max(1, wrongs * rights)),
    }


def calibration_error(confidence: np.ndarray, right: np.ndarray, weight: np.ndarray) -> float:
    """Mean distance between confidence and truth over bins of a tenth."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    apart = np.bincount(bins, weight * (confidence - right), BINS)
    return float(np.abs(apart).sum() / weight.sum())


def show(text: str) -> None:
    """Show what is being measured."""
    if sys.stderr.isatty():
        print(f"\r{text:60s}", end="", file=sys.stderr, flush=True)


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure mileage on drives with known truth.")
    parser.add_argument("--quick", action="store_true", help="few drives of each set: under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--each", action="store_true", help="print every drive beside its truth")
    arguments = parser.parse_args()
    if not data_folder().exists():
        sys.exit(f"{data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    if arguments.quick:
        drives, real = list(porto_drives(2)), list(real_drives(3))
        simulated = simulated_measures(("shanghai-centre", "liechtenstein"), 6)
    else:
        drives, real = list(porto_drives(1000)), list(real_drives(1000))
        simulated = simulated_measures(CITIES, 40)
    drives += [Drive(drive.name, f"kubicka_{drive.every_s}s", drive.true_m, drive.mileage) for drive in real]
    for drive in drives if arguments.each else ():
        interval = f"{drive.mileage.low_m / 1000:8.3f} to {drive.mileage.high_m / 1000:8.3f} km"
        lengths = f"true {drive.true_m / 1000:8.3f} km  measured {drive.mileage.total_m / 1000:8.3f} km ({interval})"
        print(f"{drive.kind:14s} {drive.name:10s} {lengths}  {100 * drive.error:+.2f} %")
    parked = parked_phantom_m(2 if arguments.quick else 20)
    live = live_measures(1, 1) if arguments.quick else live_measures(10, 1000)
    measures = {**simulated, **parked, **summary(drives), **kubicka_measures(real), **live}
    for name, value in measures.items():
        print(f"{name:36s} {value:.4g}")
    if arguments.json:
        print(json.dumps({name: round(value, 5) for name, value in measures.items()}))


if __name__ == "__main__":
    main()
