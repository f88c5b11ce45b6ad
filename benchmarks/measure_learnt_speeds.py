"""Measures whether speeds learnt from real trips predict other trips better than the speeds of the network.

One thousand real taxi trips over Porto, a point each 15 s, are matched. Two halves are made of them by chance: speeds
are learnt from either and tried on the other, so every trip is predicted once, by speeds that it had no part in. Run it
from the project's folder::

    python -m benchmarks.measure_learnt_speeds [--quick] [--json]

Keys (``default``: speeds of the network, ``learnt``: of the other half, ``constant``: those of the network times one
factor for all roads and hours, the best of the other half):

* ``trips``: held-out trips with at least one stretch that was driven without a stay.
* ``stretch_error_…``: median over trips of ``|predicted - driven| / driven``, both summed over the stretches of the
  trip along the road that was driven; ``stretch_bias_…``: median of ``predicted / driven - 1``.
* ``routes``: trips that nearly took the fastest way: no longer than 1.2 times its length, and at least 1 km.
* ``route_error_…``, ``route_bias_…``: the same for the time from first to last point, predicted as the duration of the
  fastest way at the departure (`geo.routing.slot_travel`), stops of the taxi included.

Printed besides: the factor of each class of roads, learnt from all trips.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching_data import data_folder, porto_network
from geo.matching.driven_stretches import driven_stretches
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import Match, SegmentKind
from geo.roads.network import RoadClass
from geo.roads.snapping import Snapper
from geo.routing.learnt_speeds import MOST_TIMES_EXPECTED, DrivenStretches, LearntSpeeds, learn_speeds
from geo.routing.router import Router
from geo.routing.slot_travel import matrix_over_slots
from geo.routing.speed_overlay import SpeedOverlay
from geo.routing.time_profiles import TimeProfile
from geo.tracks.track import Track

FloatArray = NDArray[np.float64]
Drive = tuple[Track, Match]

ZONE = ZoneInfo("Europe/Lisbon")
EVERY_S = 15
QUICK_TRIPS = 300
LEAST_POINTS = 5
MOST_DETOUR = 1.2
LEAST_ROUTE_M = 1000.0
SEED = 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"only {QUICK_TRIPS} trips")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    network = porto_network()
    router = Router.build(network)
    trips = list(taxi_trips(QUICK_TRIPS if options.quick else None))
    drives = matched(trips, MapMatcher(network))
    stretches = driven_stretches(network, router.turn_graph, drives, ZONE)
    half = np.random.default_rng(SEED).permutation(len(drives)) % 2
    predicted = np.zeros((len(drives), 4))
    routes = []
    for held_out in (0, 1):
        say(f"half {held_out + 1} of 2 …")
        learnt = learn_speeds(_of_drives(stretches, half != held_out)).profile
        constant = constant_profile(_of_drives(stretches, half != held_out))
        chosen = _of_drives(stretches, half == held_out)
        predicted += stretch_times(chosen, (learnt, constant), len(drives))
        trips_of_half = [drive for number, drive in enumerate(drives) if half[number] == held_out]
        routes.append(route_times(trips_of_half, router, (learnt, constant)))
    results = {**errors("stretch", "trips", predicted), **errors("route", "routes", np.concatenate(routes))}
    show_factors(learn_speeds(stretches))
    for key, value in results.items():
        print(f"{key:28} {value}")
    if options.json:
        print(json.dumps(results))


def say(text: str) -> None:
    """Show progress, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def taxi_trips(count: int | None) -> Iterator[Track]:
    """Read real taxi trips at their own times.

    Parameters
    ----------
    count
        At most so many lines of the file; all by default.

    Yields
    ------
    Track
        With at least `LEAST_POINTS` points.
    """
    csv.field_size_limit(2**24)
    with (data_folder() / "porto-taxi" / "train_1000.csv").open(newline="") as file:
        for _, row in zip(range(count or sys.maxsize), csv.DictReader(file), strict=False):
            line = np.array(json.loads(row["POLYLINE"])).reshape(-1, 2)
            if len(line) >= LEAST_POINTS:
                unknown = np.full(len(line), np.nan)
                time_ms = 1000 * (int(row["TIMESTAMP"]) + EVERY_S * np.arange(len(line)))
                yield Track(time_ms, line[:, 1], line[:, 0], unknown, unknown, unknown)


def matched(trips: list[Track], matcher: MapMatcher) -> list[Drive]:
    """Match trips, and show how far that has come."""
    drives = []
    for number, track in enumerate(trips):
        if number % 100 == 0:
            say(f"matching {number} of {len(trips)} trips …")
        drives.append((track, matcher.match(track)))
    return drives


def _of_drives(stretches: DrivenStretches, is_chosen: NDArray[np.bool_]) -> DrivenStretches:
    """Take the stretches of some drives, and of those only what is no stop, by the rule of `learn_speeds`."""
    expected_s = _predicted_s(stretches, None)
    is_drive = stretches.driven_s <= MOST_TIMES_EXPECTED * expected_s
    kept = is_chosen[stretches.drive] & is_drive
    is_part = kept[stretches.part_stretch]
    return DrivenStretches(
        drive=stretches.drive[kept],
        hour=stretches.hour[kept],
        driven_s=stretches.driven_s[kept],
        turns_s=stretches.turns_s[kept],
        part_stretch=(np.cumsum(kept) - 1)[stretches.part_stretch[is_part]],
        part_class=stretches.part_class[is_part],
        part_s=stretches.part_s[is_part],
    )


def _predicted_s(stretches: DrivenStretches, profile: TimeProfile | None) -> FloatArray:
    """Seconds that each stretch takes at the speeds of a profile; of the network where there is none."""
    part_s = stretches.part_s
    if profile is not None:
        part_s = part_s / profile.factors[stretches.hour[stretches.part_stretch], stretches.part_class]
    return np.asarray(stretches.turns_s + np.bincount(stretches.part_stretch, part_s, minlength=len(stretches.hour)))


def constant_profile(stretches: DrivenStretches) -> TimeProfile:
    """One factor for everything: what all roads were expected to take by what they took, turns aside."""
    factor = stretches.part_s.sum() / max(stretches.driven_s.sum() - stretches.turns_s.sum(), 1.0)
    return TimeProfile.of_classes(dict.fromkeys(RoadClass, (factor,)))


def stretch_times(stretches: DrivenStretches, profiles: tuple[TimeProfile, TimeProfile], count: int) -> FloatArray:
    """Seconds driven and predicted (by the network, by each profile) per drive: ``(count, 4)``."""
    columns = [stretches.driven_s, *(_predicted_s(stretches, profile) for profile in (None, *profiles))]
    return np.column_stack([np.bincount(stretches.drive, column, minlength=count) for column in columns])


def route_times(drives: list[Drive], router: Router, profiles: tuple[TimeProfile, TimeProfile]) -> FloatArray:
    """Seconds from first to last point, as driven and as predicted for the fastest way at the departure: ``(r, 4)``."""
    snapper, at_hour = Snapper(router.network), RoutersByHour(router)
    rows = []
    for track, match in drives:
        driven_m = sum(segment.length_m for segment in match.segments if segment.kind is SegmentKind.MATCHED)
        ends = snapper.snap(track.latitude_degrees[[0, -1]], track.longitude_degrees[[0, -1]])
        plain = router.travel_matrix(ends, ends)
        route_m = plain.length_cm[0, 1] / 100.0
        if plain.duration_ms[0, 1] <= 0 or route_m < LEAST_ROUTE_M or driven_m > MOST_DETOUR * route_m:
            continue
        departure = datetime.fromtimestamp(track.time_ms[0] / 1000.0, UTC).astimezone(ZONE)
        predicted = [plain.duration_ms[0, 1]]
        for profile in profiles:
            slots = ((slot.end_ms, at_hour.router(slot.factors)) for slot in profile.slots_from(departure))
            predicted.append(matrix_over_slots(slots, ends, ends).duration_ms[0, 1])
        rows.append([track.time_ms[-1] - track.time_ms[0], *predicted])
    return np.array(rows, np.float64).reshape(-1, 4) / 1000.0


class RoutersByHour:
    """The routers for the speeds of some hours, each made once."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._known: dict[bytes, Router] = {}

    def router(self, factors: FloatArray) -> Router:
        """Return the router of one hour's speeds."""
        known = factors.tobytes()
        if known not in self._known:
            network = self._router.network
            speeds = SpeedOverlay.of_network(network).with_speed_factors(network, factors)
            self._known[known] = self._router.with_speeds(speeds)
        return self._known[known]


def errors(name: str, count_name: str, seconds: FloatArray) -> dict[str, Any]:
    """Median error and bias of each prediction; rows without driving are left out."""
    driven_s = seconds[seconds[:, 0] > 0]
    share = driven_s[:, 1:] / driven_s[:, :1] - 1.0
    results: dict[str, Any] = {count_name: len(driven_s)}
    for column, which in enumerate(("default", "learnt", "constant")):
        results[f"{name}_error_{which}"] = round(float(np.median(np.abs(share[:, column]))), 4)
        results[f"{name}_bias_{which}"] = round(float(np.median(share[:, column])), 4)
    return results


def show_factors(learnt: LearntSpeeds) -> None:
    """Print the factor of each class that was driven, by its mean pace over the hours of the week."""
    print(f"{'roads':16}{'driven':>9}{'mean':>7}{'slowest hour':>14}{'fastest hour':>14}")
    for road_class in RoadClass:
        factors = learnt.profile.factors[:, road_class]
        if learnt.driven_s[road_class] > 0.0:
            figures = f"{1.0 / np.mean(1.0 / factors):7.2f}{factors.min():14.2f}{factors.max():14.2f}"
            print(f"{road_class.name.lower():16}{learnt.driven_s[road_class] / 3600:7.1f} h{figures}")


if __name__ == "__main__":
    main()
