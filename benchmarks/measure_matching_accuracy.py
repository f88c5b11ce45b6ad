"""Measures how true the matched route is, on drives whose true route is known.

Command line
    python -m benchmarks.measure_matching_accuracy [--quick] [--json] [--each]

Real recordings (Kubička et al., 30 tracks, 698 km) and simulated drives over Porto (40 drives, 1,170 km); both lie in
the data folder (environment variable ODOGRAPH_DATA, see the README there). The score is that of Newson and Krumm:
(metres missed + metres wrongly added) / metres of the true route, over all tracks together.

What the numbers mean (shares; ``{r}`` seconds between points, ``{n}`` metres of noise per axis)
    kubicka_mismatch_{r}s            by arcs between OSM nodes; kubicka_mileage_error_{r}s: median over tracks of the
                                     absolute share by which the length of the matched arcs is wrong
    kubicka_ground_…                 the same two on the ground: lines within 4 m and 60°. The true routes begin and end
                                     at a node, up to 390 m before the first and after the last point of the recording;
                                     what was never recorded counts as missed
    kubicka_recorded_…               on the ground, against the part of the true route between first and last point
    kubicka_residual_{where}_{r}s    parts of kubicka_ground_mismatch_{r}s (`benchmarks.route_residual`): ends, which
                                     were never recorded; beside_fixes, where the fixes lie nearer to the match than to
                                     the truth; mistaken, where they lie nearer to the truth
    kubicka_{white,slow}_{n}m_…      by arcs, with white noise added, or noise that remembers 30 s
    kubicka_holes_…                  by arcs, three random minutes without points
    porto_mismatch_{r}s_{n}m         on the ground, white noise; porto_mileage_error_…: median over drives
    porto_slow_…                     noise that remembers 30 s instead
    porto_deleted_…                  5 % of the driven roads deleted from the map, in six draws
    failed_tracks                    tracks of which nothing was matched (an exception stops the measure)
    taxi_…                           1,000 real trips at 15 s without truth: share of the time that is matched, breaks
                                     (parts off the road, gaps) and forbidden edges, length against the chords
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np

from benchmarks import matching_data as data
from benchmarks.route_residual import Residual, residual_on_ground
from benchmarks.route_score import (
    Score,
    median_mileage_error,
    recorded_part,
    score_by_arcs,
    score_on_ground,
    total_mismatch,
)
from geo.geodesy import chord_lengths_m
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import SegmentKind
from geo.tracks.track import Track

MEMORY_S = 30.0
HOLES = 3
DELETED_SHARE = 0.05
DRAWS = range(6)
"""Seeds of the draws of deleted ways, whose drives are taken together."""
LEAST_TRIP_M = 1000.0
QUICK_STEP = 4
QUICK_PORTO = 8


@dataclass(frozen=True)
class Row:
    """One matched track: the set it belongs to, how it was sampled, its scores by name, and where the rest lies."""

    kind: str
    how: str
    name: str
    scores: dict[str, Score]
    residual: Residual | None = None


def kubicka_rows(name: str, *, with_noise: bool) -> Iterator[Row]:
    """Match one real recording at every rate, as it is and made worse."""
    network, drive = data.kubicka_network(name), data.kubicka_drive(name)
    matcher = MapMatcher(network)
    seed = int(name)
    worse: dict[str, Callable[[Track], Track]] = {"": lambda track: track}
    if with_noise:
        for noise_m in data.PORTO_NOISES_M:
            worse[f"white_{noise_m}m"] = partial(data.with_white_noise, noise_m=noise_m, seed=seed)
            worse[f"slow_{noise_m}m"] = partial(data.with_slow_noise, noise_m=noise_m, memory_s=MEMORY_S, seed=seed)
        worse["holes"] = partial(data.without_minutes, holes=HOLES, seed=seed)
    for how, change in worse.items():
        changed = change(drive.track)
        for rate_s in data.PORTO_RATES_S:
            track = data.thinned(changed, rate_s)
            match = matcher.match(track)
            scores, residual = {"": score_by_arcs(network, match, drive.arcs, drive.route)}, None
            if not how:
                residual = residual_on_ground(network, track, match, drive.truth, drive.track)
                scores["ground"] = score_on_ground(network, track, match, drive.truth)
                scores["recorded"] = score_on_ground(network, track, match, recorded_part(drive.truth, track))
            yield Row("_".join(filter(None, ["kubicka", how])), f"{rate_s}s", name, scores, residual)


def porto_rows(drives: int, *, with_noise: bool) -> Iterator[Row]:
    """Match simulated drives at every rate and noise, and on a map that lacks roads."""
    matcher = MapMatcher(data.porto_network())
    driven = driven_ways(matcher, drives) if with_noise else set()
    poorer = [MapMatcher(data.porto_network_without(drawn(driven, seed))) for seed in DRAWS if with_noise]
    for rate_s in data.PORTO_RATES_S:
        for noise_m in data.PORTO_NOISES_M:
            for place, drive in enumerate(data.porto_drives(rate_s, noise_m)[:drives]):
                how = f"{rate_s}s_{noise_m}m"
                yield porto_row("porto", how, drive, matcher)
                if not with_noise:
                    continue
                slow = data.with_slow_noise(data.true_positions(drive), noise_m, memory_s=MEMORY_S, seed=place)
                yield porto_row("porto_slow", how, replace(drive, track=slow), matcher)
                for other in poorer:
                    yield porto_row("porto_deleted", how, drive, other)


def porto_row(kind: str, how: str, drive: data.TrueDrive, matcher: MapMatcher) -> Row:
    """Match one simulated drive."""
    match = matcher.match(drive.track)
    return Row(kind, how, drive.name, {"": score_on_ground(matcher.network, drive.track, match, drive.truth)})


def driven_ways(matcher: MapMatcher, drives: int) -> set[int]:
    """Collect the OSM ways that the simulated drives use."""
    ways: set[int] = set()
    for drive in data.porto_drives(1, 5)[:drives]:
        for segment in matcher.match(drive.track).segments:
            ways.update(matcher.network.edge_way_id[segment.edges].tolist())
    return ways


def drawn(ways: set[int], seed: int) -> set[int]:
    """Draw 5 % of some OSM ways, each by its own chance: one way more or less changes nothing for the others."""
    return {way for way in ways if np.random.default_rng([seed, way]).random() < DELETED_SHARE}


def taxi_measures(matcher: MapMatcher) -> dict[str, float]:
    """Match real trips without truth: how much of them is matched, and how plausible that is."""
    matched_s = total_s = breaks = forbidden = 0.0
    ratios = []
    trips = data.porto_taxi_trips()
    for trip in trips:
        match = matcher.match(trip)
        on_road = [segment for segment in match.segments if segment.kind in {SegmentKind.MATCHED, SegmentKind.STAY}]
        matched_s += sum(segment.end_ms - segment.start_ms for segment in on_road) / 1000.0
        total_s += sum(segment.end_ms - segment.start_ms for segment in match.segments) / 1000.0
        breaks += len(match.segments) - len(on_road)
        forbidden += sum(len(segment.forbidden_edges) for segment in match.segments)
        kept = match.point_drop_reason == 0
        chords_m = chord_lengths_m(trip.latitude_degrees[kept], trip.longitude_degrees[kept]).sum()
        if chords_m > LEAST_TRIP_M:
            length_m = sum(segment.length_m for segment in match.segments if segment.kind is not SegmentKind.GAP)
            ratios.append(length_m / chords_m)
    return {
        "taxi_matched_share": matched_s / total_s,
        "taxi_breaks_per_100_trips": 100.0 * breaks / len(trips),
        "taxi_forbidden_edges_per_100_trips": 100.0 * forbidden / len(trips),
        "taxi_length_to_chords_median": float(np.median(ratios)),
        "taxi_length_to_chords_p95": float(np.quantile(ratios, 0.95)),
    }


def measures_of(rows: list[Row]) -> dict[str, float]:
    """Gather rows into the two measures of every set."""
    sets: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    for row in rows:
        for by, score in row.scores.items():
            sets["_".join(filter(None, [row.kind, by])), "mismatch", row.how].append(score)
    measures: dict[str, float] = {}
    for (kind, _, how), scores in sets.items():
        measures[f"{kind}_mismatch_{how}"] = total_mismatch(scores)
        measures[f"{kind}_mileage_error_{how}"] = median_mileage_error(scores)
    measures |= _residual_measures(rows)
    measures["failed_tracks"] = sum(row.scores[""].matched_m == 0.0 for row in rows)
    return measures


def _residual_measures(rows: list[Row]) -> dict[str, float]:
    by_rate: dict[str, list[Residual]] = defaultdict(list)
    for row in rows:
        if row.residual is not None:
            by_rate[row.how].append(row.residual)
    return {
        f"kubicka_residual_{where}_{how}": sum(getattr(one, f"{name}_m") for one in some)
        / sum(one.true_m for one in some)
        for how, some in by_rate.items()
        for where, name in (("ends", "at_ends"), ("beside_fixes", "beside_fixes"), ("mistaken", "mistaken"))
    }


def print_each(rows: list[Row]) -> None:
    """Print where the residual lies, track by track: metres missed and wrongly added."""
    for row in rows:
        parts = "  ".join(
            f"{by or 'score'} -{score.missed_m:.0f} +{score.added_m:.0f} m ({100 * score.mismatch:.2f} %,"
            f" length {100 * score.mileage_error:+.2f} %)"
            for by, score in row.scores.items()
        )
        rest = row.residual
        if rest is not None:
            parts += (
                f"  ends {rest.at_ends_m:.0f}, beside fixes {rest.beside_fixes_m:.0f}, mistaken {rest.mistaken_m:.0f} m"
            )
        print(f"{row.kind:18s} {row.how:8s} {row.name:10s} {parts}")


def with_progress(rows: Iterator[Row], expected: int) -> Iterator[Row]:
    """Count the tracks on the terminal."""
    for count, row in enumerate(rows, start=1):
        if sys.stderr.isatty():
            print(f"\r{count} of {expected} matches", end="" if count < expected else "\n", file=sys.stderr)
        yield row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the matched route against known truth.")
    parser.add_argument("--quick", action="store_true", help="a few tracks of each set, as they are: under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--each", action="store_true", help="print every track beside its truth")
    arguments = parser.parse_args()
    if not data.data_folder().exists():
        sys.exit(f"{data.data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    is_whole = not arguments.quick
    names = data.kubicka_names()[:: 1 if is_whole else QUICK_STEP]
    drives = 40 if is_whole else QUICK_PORTO
    cells = len(data.PORTO_RATES_S) * len(data.PORTO_NOISES_M)
    expected = len(names) * len(data.PORTO_RATES_S) * (6 if is_whole else 1) + drives * cells * (
        2 + len(DRAWS) if is_whole else 1
    )
    real = (row for name in names for row in kubicka_rows(name, with_noise=is_whole))
    rows = list(with_progress(chain(real, porto_rows(drives, with_noise=is_whole)), expected))
    if arguments.each:
        print_each(rows)
    measures = measures_of(rows) | (taxi_measures(MapMatcher(data.porto_network())) if is_whole else {})
    for name, value in measures.items():
        print(f"{name:44s} {value:.5f}")
    if arguments.json:
        print(json.dumps({name: round(value, 6) for name, value in measures.items()}))


if __name__ == "__main__":
    main()
