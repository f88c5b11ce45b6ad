"""Measures every track of the data folder, whole and damaged, and counts what fails or breaks a promise.

Command line
    python -m benchmarks.measure_robustness [--quick] [--json]

Tracks: all 32 real recordings of Kubička et al. at 1, 5, 30 and 60 s, those with holes and jumps among them; 1,000 taxi
trips of Porto; the 40 given drives over Porto at every interval and noise; the fixes of the couriers of the LaDe day,
in the coordinates that their data has and in WGS-84. Each once as it is, and once damaged with a seed: points left out,
doubled, exchanged, moved kilometres away, without a place, with the time of another.

A track *fails* where measuring it raises an error. A *promise* is one of: one state per point and a reason exactly for
those dropped; segments that follow one another from the first believed point to the last; a path of which each edge
follows on the one before; mileage without NaN, ``0 <= low <= total <= high``; parts, legs and road classes that add up;
the same points settled live, each once.

Keys
    tracks_measured, points_measured
    failed_tracks                     tracks whose measuring raised an error
    broken_promises                   tracks of which a promise does not hold
    tracks_without_mileage            fewer than two points were believed
    matched_share_{set}               share of the time of a set's whole tracks that was laid on roads or stood still
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from benchmarks.matching_data import (
    UNSCORED_KUBICKA,
    data_folder,
    kubicka_drive,
    kubicka_names,
    kubicka_network,
    porto_drives,
    porto_network,
    porto_taxi_trips,
)
from geo.audit.track_audit import TrackAudit
from geo.audit_track import audit_track
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import DropReason, Match, PointState, SegmentKind
from geo.matching.online_matcher import OnlineMatcher
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.profiles import CAR
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track

KUBICKA_INTERVALS_S = (1, 5, 30, 60)
PORTO_KINDS = tuple((rate_s, noise_m) for rate_s in (1, 5, 30, 60) for noise_m in (5, 15))
LADE_YEAR = 2023
SLACK_M = 0.01


@dataclass(frozen=True, eq=False)
class SomeTracks:
    """Tracks on one road network, by the name of their set."""

    name: str
    network: RoadNetwork
    tracks: list[Track]


def all_tracks(part: int) -> Iterator[SomeTracks]:
    """Return every `part`-th track of the data folder, set by set."""
    for name in sorted([*kubicka_names(), *UNSCORED_KUBICKA])[::part]:
        whole = kubicka_drive(name).track
        yield SomeTracks("kubicka", kubicka_network(name), [every(whole, step) for step in KUBICKA_INTERVALS_S])
    yield SomeTracks("taxi", porto_network(), porto_taxi_trips()[:: 5 * part if part > 1 else 1])
    drives = [drive.track for kind in PORTO_KINDS for drive in porto_drives(*kind)[::part]]
    yield SomeTracks("porto", porto_network(), drives)
    shanghai = import_osm_file(data_folder() / "extracts" / "shanghai-centre.osm.pbf", CAR).network
    for name, suffix in (("lade_as_given", ""), ("lade_wgs84", "_wgs84")):
        yield SomeTracks(name, shanghai, courier_days(suffix)[::part])


def every(track: Track, step: int) -> Track:
    """Keep every `step`-th point."""
    return Track(**{name: column[::step] for name, column in vars(track).items()})


def courier_days(suffix: str) -> list[Track]:
    """Return the fixes of each courier: where parcels were accepted and picked up, in the order of the file."""
    fixes: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    with (data_folder() / "lade" / "shanghai_centre_dev.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            for kind in ("pickup", "accept"):
                place = row.get(f"{kind}_gps_lat{suffix}"), row.get(f"{kind}_gps_lng{suffix}")
                if row[f"{kind}_gps_time"] and all(place):
                    moment = datetime.fromisoformat(f"{LADE_YEAR}-{row[f'{kind}_gps_time']}")
                    latitude, longitude = (float(value or "nan") for value in place)
                    fixes[row["courier_id"]].append((moment.replace(tzinfo=UTC).timestamp(), latitude, longitude))
    days = (np.array(rows).T for rows in fixes.values())
    return [recorded_track((1000 * at_s).astype(np.int64), latitude, longitude) for at_s, latitude, longitude in days]


def damaged(track: Track, seed: int) -> Track:
    """Damage a track in every way at once."""
    chance = np.random.default_rng(seed)
    count = len(track)
    order = np.flatnonzero(chance.random(count) > 0.1)
    order = np.sort(np.concatenate([order, chance.integers(0, count, 1 + count // 20)]))
    swaps = chance.integers(0, len(order), (2, 1 + len(order) // 50))
    order[swaps[0]], order[swaps[1]] = order[swaps[1]], order[swaps[0]]
    hole = slice(len(order) // 3, len(order) // 3 + int(chance.integers(0, 1 + len(order) // 4)))
    taken = Track(**{name: np.delete(column[order], hole) for name, column in vars(track).items()})
    far, lost, late = (chance.random(len(taken)) < share for share in (0.02, 0.02, 0.02))
    return replace(
        taken,
        time_ms=np.where(late, chance.permutation(taken.time_ms), taken.time_ms),
        latitude_degrees=np.where(far, taken.latitude_degrees + 0.05, taken.latitude_degrees),
        longitude_degrees=np.where(lost, np.nan, taken.longitude_degrees),
    )


def broken_promises(track: Track, audit: TrackAudit, network: RoadNetwork) -> Iterator[str]:
    """Name every promise that an audit without a plan breaks."""
    match, mileage = audit.match, audit.mileage
    if len(match.point_state) != len(track):
        yield "one state per point"
    if ((match.point_state == PointState.DROPPED) != (match.point_drop_reason != DropReason.NONE)).any():
        yield "a reason for each dropped point"
    if not _covers(track, match):
        yield "segments cover the time"
    if not all(_is_joined(network, segment.edges) for segment in match.segments):
        yield "a path without jumps"
    if not match.segments:
        return
    if not 0.0 <= mileage.low_m <= mileage.total_m <= mileage.high_m < np.inf:
        yield "low <= total <= high"
    legs_m = sum(leg.composition.total_m for leg in mileage.legs)
    parts_m = mileage.matched_m + mileage.gap_m + mileage.off_road_m
    classes_m = sum(mileage.by_road_class_m.values())
    if abs(legs_m - mileage.total_m) + abs(parts_m - mileage.total_m) + abs(classes_m - mileage.matched_m) > SLACK_M:
        yield "parts, legs and road classes add up"


def _covers(track: Track, match: Match) -> bool:
    believed_ms = track.time_ms[match.point_state != PointState.DROPPED]
    ends = [(segment.start_ms, segment.end_ms) for segment in match.segments]
    if len(believed_ms) < 2:
        return not ends
    follow = all(before[1] == after[0] for before, after in pairwise(ends))
    return bool(ends) and follow and ends[0][0] == believed_ms[0] and ends[-1][1] == believed_ms[-1]


def _is_joined(network: RoadNetwork, edges: np.ndarray) -> bool:
    before, after = edges[:-1], edges[1:]
    follows = network.edge_head[before] == network.edge_tail[after]
    return bool((follows | (network.edge_reverse[before] == after)).all())


class Tally:
    """Counts what becomes of tracks."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._known_ms: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def measure_all(self, some: SomeTracks) -> None:
        """Measure every track of a set, whole and damaged."""
        matcher, router = MapMatcher(some.network), Router.build(some.network)
        online = OnlineMatcher(matcher)
        for number, whole in enumerate(some.tracks):
            show(f"{some.name}: track {number + 1} of {len(some.tracks)}")
            for track in (whole, damaged(whole, number)):
                self._counts["tracks_measured"] += 1
                self._counts["points_measured"] += len(track)
                try:
                    audit = audit_track(track, None, matcher, router)
                    settled_ms = online.match(track).time_ms
                except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                    self._counts["failed_tracks"] += 1
                    print(f"{some.name} {number}: {error!r}", file=sys.stderr)
                    continue
                broken = list(broken_promises(track, audit, some.network))
                if sorted(settled_ms.tolist()) != sorted(track.time_ms.tolist()):
                    broken.append("each point settles once")
                if broken:
                    print(f"{some.name} {number}: {', '.join(broken)}", file=sys.stderr)
                self._counts["broken_promises"] += bool(broken)
                self._counts["tracks_without_mileage"] += not audit.match.segments
                if track is whole:
                    self._known_ms[some.name].append(_known_ms(audit.match))

    def measures(self) -> dict[str, float]:
        """Return the counts under their names."""
        names = ("tracks_measured", "points_measured", "failed_tracks", "broken_promises", "tracks_without_mileage")
        shares = {
            f"matched_share_{name}": sum(known for known, _ in times) / max(1, sum(all_ms for _, all_ms in times))
            for name, times in self._known_ms.items()
        }
        return {**{name: self._counts[name] for name in names}, **shares}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure every track of the data folder, whole and damaged.")
    parser.add_argument("--quick", action="store_true", help="every eighth track, of the taxi trips every fortieth")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    if not data_folder().exists():
        sys.exit(f"{data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    tally = Tally()
    for some in all_tracks(8 if arguments.quick else 1):
        tally.measure_all(some)
    measures = tally.measures()
    for name, value in measures.items():
        print(f"{name:28s} {value:.6g}")
    if arguments.json:
        print(json.dumps({name: round(value, 5) for name, value in measures.items()}))


def _known_ms(match: Match) -> tuple[int, int]:
    """Time that was laid on roads or stood still, and all time."""
    known = (SegmentKind.MATCHED, SegmentKind.STAY)
    spans = [(segment.kind in known, segment.end_ms - segment.start_ms) for segment in match.segments]
    return sum(span for is_known, span in spans if is_known), sum(span for _, span in spans)


def show(text: str) -> None:
    """Show what is being measured."""
    if sys.stderr.isatty():
        print(f"\r{text:60s}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
