"""Measures how well the audit finds what really happened, on simulated field days over real road networks.

Command line
    python -m benchmarks.measure_audit_quality [--quick] [--json] [--days N]

The truth is exact because the days are simulated (see `benchmarks.simulated_field_days`); roads, matching and audit are
the real ones. Needs the real data (environment variable ODOGRAPH_DATA); every day comes from its seed.

What the numbers mean
    visit_f1                   visits seen against visits made, phone 10 m and 5 s, on days with a customer left out, a
                               stop nobody planned and a hole in the recording; visits in the hole are not counted
    visit_f1_60s_15m           the same with a fix a minute and 15 m of noise
    falsely_missed             visits called missed that took place, over all phones
    cannot_tell_share          visits made outside the hole that the audit could not tell
    unplanned_recall           unplanned stops found
    false_off_route_per_500km  deviations on days exactly as planned, at 10 m and 5 s
    detour_recall              detours of at least 400 m off the plan that overlap a deviation, at 10 m and 5 s
    score_shift_points         95th percentile over days of how far the score moves when the same day is recorded by a
                               worse phone: noise 3 to 15 m, interval 5 to 60 s; score_loss_points: how far it falls,
                               score_gain_points: how far it rises, each by the worst of three phones; …_max: of any day
    mileage_error_median       median of the absolute share, at 5 m and 5 s
    interval_coverage_*        share of days whose true mileage lies in the 95 % interval
    claim_recall_*pct          padded claims called above the interval; claim_false_flags: honest ones called so
    worker_day_s               median seconds of one audit of a day recorded every 5 s
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.simulated_field_days import Events, FieldDay, FieldWorld
from geo.audit.claims import check_claim
from geo.audit.track_audit import ClaimFinding, TrackAudit, VisitVerdict
from geo.audit_track import audit_track
from geo.roads.from_osm_file import import_osm_file
from geo.roads.profiles import CAR

NETWORKS = ("shanghai-centre", "helsinki-centre")
AS_PLANNED = Events()
WITH_DETOUR = Events(detour=True)
WITH_EVENTS = Events(missed=True, unplanned_stop=True, gap=True)
LEAST_DETOUR_M = 400.0
PADDINGS = (1.05, 1.10, 1.25)

TOOK_PLACE = {VisitVerdict.VISITED, VisitVerdict.EARLY, VisitVerdict.LATE, VisitVerdict.TOO_SHORT}


@dataclass(frozen=True)
class Phone:
    """A phone: standard deviation of its noise per axis, and seconds between fixes."""

    noise_m: float
    every_s: float


GOOD, USUAL, BAR, NOISY, SELDOM, WORST = (
    Phone(3.0, 5.0),
    Phone(5.0, 5.0),
    Phone(10.0, 5.0),
    Phone(15.0, 5.0),
    Phone(5.0, 60.0),
    Phone(15.0, 60.0),
)


@dataclass
class Tally:
    """What was counted over all days."""

    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    seconds: list[float] = field(default_factory=list)
    mileage_errors: list[float] = field(default_factory=list)
    covered: dict[Phone, list[bool]] = field(default_factory=lambda: defaultdict(list))
    score_losses: list[float] = field(default_factory=list)
    score_gains: list[float] = field(default_factory=list)


def measure(days_per_kind: int) -> dict[str, float]:
    """Simulate and audit days of every kind on every network."""
    tally = Tally()
    for name in NETWORKS:
        world = FieldWorld(import_osm_file(data_folder() / "extracts" / f"{name}.osm.pbf", CAR).network)
        audited(world, world.field_day(0, AS_PLANNED), USUAL, seed=0)  # compiles
        for seed in range(days_per_kind):
            as_planned = world.field_day(3 * seed, AS_PLANNED)
            tally_day_as_planned(tally, world, as_planned, seed)
            tally_detours(tally, world, world.field_day(3 * seed + 1, WITH_DETOUR), seed)
            with_events = world.field_day(3 * seed + 2, WITH_EVENTS)
            tally_events(tally, world, with_events, seed)
            tally_score(tally, world, (as_planned, with_events), seed)
    return summary(tally)


def audited(world: FieldWorld, day: FieldDay, phone: Phone, *, seed: int, claimed_m: float | None = None) -> TrackAudit:
    """Record a day with a phone and audit it."""
    track = day.record(noise_m=phone.noise_m, every_s=phone.every_s, seed=seed)
    return audit_track(track, day.planned, world.matcher, world.router, claimed_m=claimed_m)


def tally_day_as_planned(tally: Tally, world: FieldWorld, day: FieldDay, seed: int) -> None:
    """Count false alarms, mileage and claims of a day on which nothing went wrong."""
    tally.counts["clean_km"] += day.driven_m / 1000.0
    tally.counts["false_deviations"] += len(audited(world, day, BAR, seed=seed).deviations)
    for phone in (USUAL, NOISY, SELDOM, WORST):
        started = time.perf_counter()
        audit = audited(world, day, phone, seed=seed, claimed_m=day.driven_m)
        mileage = audit.mileage
        tally.covered[phone].append(mileage.low_m <= day.driven_m <= mileage.high_m)
        tally.counts["falsely_missed"] += sum(line.verdict is VisitVerdict.MISSED for line in audit.visits)
        if phone is USUAL:
            tally.seconds.append(time.perf_counter() - started)
            tally.mileage_errors.append(abs(mileage.total_m / day.driven_m - 1.0))
            tally.counts["honest_claims"] += 1
            tally.counts["honest_flagged"] += audit.claim.finding is ClaimFinding.ABOVE_INTERVAL
            for padding in PADDINGS:
                padded = check_claim(mileage, claimed_m=padding * day.driven_m, planned_m=None)
                tally.counts[f"padded_{padding}"] += padded.finding is ClaimFinding.ABOVE_INTERVAL


def tally_detours(tally: Tally, world: FieldWorld, day: FieldDay, seed: int) -> None:
    """Count the long detours and those that overlap a deviation."""
    deviations = audited(world, day, BAR, seed=seed).deviations
    for detour in day.detours:
        if detour.off_plan_m >= LEAST_DETOUR_M:
            tally.counts["detours"] += 1
            tally.counts["detours_found"] += any(
                deviation.start_ms < detour.end_ms and deviation.end_ms > detour.start_ms for deviation in deviations
            )


def tally_events(tally: Tally, world: FieldWorld, day: FieldDay, seed: int) -> None:
    """Count visits and unplanned stops of a day with events."""
    for phone, name in ((BAR, "bar"), (WORST, "worst")):
        audit = audited(world, day, phone, seed=seed)
        for took_place, verdict in _told_visits(day, audit):
            is_seen = verdict in TOOK_PLACE
            tally.counts[f"{name}_true_seen"] += took_place and is_seen
            tally.counts[f"{name}_false_seen"] += not took_place and is_seen
            tally.counts[f"{name}_not_seen"] += took_place and not is_seen
            tally.counts["falsely_missed"] += took_place and verdict is VisitVerdict.MISSED
            tally.counts["made"] += took_place
            tally.counts["made_untold"] += took_place and verdict is VisitVerdict.CANNOT_TELL
        if phone is BAR:
            unplanned = sum(line.verdict is VisitVerdict.UNPLANNED for line in audit.visits)
            tally.counts["unplanned_stops"] += day.unplanned_stops
            tally.counts["unplanned_found"] += min(unplanned, day.unplanned_stops)


def _told_visits(day: FieldDay, audit: TrackAudit) -> Iterator[tuple[bool, VisitVerdict]]:
    """Whether each planned visit took place, and its verdict; visits that the hole hides are left out."""
    for line in audit.visits:
        stayed_ms = day.visits_ms.get(line.visit_id)
        if not line.visit_id or (stayed_ms and _is_hidden(day, stayed_ms)):
            continue
        yield stayed_ms is not None, line.verdict


def _is_hidden(day: FieldDay, stayed_ms: tuple[int, int]) -> bool:
    hidden_ms = day.hidden_ms
    return hidden_ms is not None and stayed_ms[0] < hidden_ms[1] and stayed_ms[1] > hidden_ms[0]


def tally_score(tally: Tally, world: FieldWorld, days: tuple[FieldDay, ...], seed: int) -> None:
    """Collect how far the score of one true day moves with the phone."""
    for day in days:
        good = audited(world, day, GOOD, seed=seed).score.value
        worse = [audited(world, day, phone, seed=seed).score.value for phone in (NOISY, SELDOM, WORST)]
        tally.score_losses.append(max(0.0, good - min(worse)))
        tally.score_gains.append(max(0.0, max(worse) - good))


def summary(tally: Tally) -> dict[str, float]:
    """Turn counts into the measures."""
    counts = tally.counts
    return {
        "days_as_planned": len(tally.seconds),
        "clean_km": round(counts["clean_km"], 1),
        "visit_f1": _f1(counts, "bar"),
        "visit_f1_60s_15m": _f1(counts, "worst"),
        "falsely_missed": counts["falsely_missed"],
        "cannot_tell_share": counts["made_untold"] / counts["made"],
        "unplanned_recall": counts["unplanned_found"] / counts["unplanned_stops"],
        "false_off_route_per_500km": 500.0 * counts["false_deviations"] / counts["clean_km"],
        "detours": counts["detours"],
        "detour_recall": counts["detours_found"] / max(1.0, counts["detours"]),
        **_score_measures(np.array(tally.score_losses), np.array(tally.score_gains)),
        "mileage_error_median": float(np.median(tally.mileage_errors)),
        **{
            f"interval_coverage_{phone.every_s:.0f}s_{phone.noise_m:.0f}m": float(np.mean(covered))
            for phone, covered in tally.covered.items()
        },
        **{
            f"claim_recall_{round(100 * (padding - 1))}pct": counts[f"padded_{padding}"] / counts["honest_claims"]
            for padding in PADDINGS
        },
        "claim_false_flags": counts["honest_flagged"] / counts["honest_claims"],
        "worker_day_s": float(np.median(tally.seconds)),
    }


def _score_measures(losses: np.ndarray, gains: np.ndarray) -> dict[str, float]:
    ways = {"shift": np.maximum(losses, gains), "loss": losses, "gain": gains}
    most = {f"score_{name}_points": float(np.quantile(points, 0.95)) for name, points in ways.items()}
    return most | {f"score_{name}_points_max": float(points.max()) for name, points in ways.items()}


def _f1(counts: dict[str, float], name: str) -> float:
    seen, false, unseen = (counts[f"{name}_{kind}"] for kind in ("true_seen", "false_seen", "not_seen"))
    return 2.0 * seen / (2.0 * seen + false + unseen)


def data_folder() -> Path:
    """Where the real data lie."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ODOGRAPH_DATA", default))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the audit on simulated field days.")
    parser.add_argument("--quick", action="store_true", help="few days: under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--days", type=int, default=40, help="days of each kind on each network")
    arguments = parser.parse_args()
    if not data_folder().exists():
        sys.exit(f"{data_folder()} is missing: set ODOGRAPH_DATA to the data folder")
    measures = measure(4 if arguments.quick else arguments.days)
    for name, value in measures.items():
        print(f"{name:28s} {value:.4g}")
    if arguments.json:
        print(json.dumps({name: round(value, 5) for name, value in measures.items()}))


if __name__ == "__main__":
    main()
