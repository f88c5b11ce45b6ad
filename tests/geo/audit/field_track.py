"""Tracks of days in an open field: places, how long one stays at each, straight ways between them, and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.audit.planned_day import PlannedDay, PlannedStop
from geo.audit.seen_points import SeenPoints
from geo.audit.stay_splitting import split_stays
from geo.audit.track_audit import VisitEvidence
from geo.audit.visit_evidence import judge_visits
from geo.audit.visit_options import VisitOptions
from geo.geodesy import places_at
from geo.tracks.stays import Stay, StayOptions, find_stays
from geo.tracks.track import Track

ORIGIN = (60.17, 24.94)
MORNING_MS = 1_750_000_000_000
MINUTE_MS = 60_000
SPEED_MPS = 8.0
NO_EDGES = np.empty(0, np.int32)
NO_PATH = np.empty(0)

Place = tuple[float, float]
"""Metres east and north of the origin."""


@dataclass(frozen=True)
class Act:
    """Go to a place and stay there."""

    place: Place
    minutes: float


def field_track(
    acts: Sequence[Act], *, every_s: float = 10.0, noise_m: float = 0.0, correlation_s: float = 0.0, seed: int = 1
) -> Track:
    """Record a day that begins at the origin and ends where the last act does.

    The noise is a first-order Gauss-Markov process; with a correlation time of 0 it is white.
    """
    times_s, places = [0.0], [(0.0, 0.0)]
    for act in acts:
        travel_s = float(np.hypot(act.place[0] - places[-1][0], act.place[1] - places[-1][1])) / SPEED_MPS
        times_s += [times_s[-1] + travel_s, times_s[-1] + travel_s + act.minutes * 60.0]
        places += [act.place, act.place]
    at_s = np.arange(0.0, times_s[-1] + every_s, every_s)
    east_m, north_m = (np.interp(at_s, times_s, [place[axis] for place in places]) for axis in (0, 1))
    noise = _noise(len(at_s), every_s, noise_m, correlation_s, seed)
    latitude, longitude = places_at(*ORIGIN, east_m=east_m + noise[0], north_m=north_m + noise[1])
    unknown = np.full(len(at_s), np.nan)
    return Track((MORNING_MS + at_s * 1000).astype(np.int64), latitude, longitude, unknown, unknown, unknown)


def _noise(count: int, every_s: float, noise_m: float, correlation_s: float, seed: int) -> np.ndarray:
    white = np.random.default_rng(seed).normal(0.0, noise_m, (2, count))
    if correlation_s <= 0.0:
        return white
    memory = np.exp(-every_s / correlation_s)
    noise = white.copy()
    for step in range(1, count):
        noise[:, step] = memory * noise[:, step - 1] + np.sqrt(1 - memory**2) * white[:, step]
    return noise


def planned_stop(
    visit_id: str, place: Place, *, at_minute: float, minutes: float = 15.0, **changes: object
) -> PlannedStop:
    """Plan a visit some minutes after the morning, in a window of an hour around it."""
    latitude, longitude = places_at(*ORIGIN, east_m=place[0], north_m=place[1])
    arrival_ms = MORNING_MS + round(at_minute * MINUTE_MS)
    stop = PlannedStop(
        visit_id=visit_id,
        latitude_degrees=float(latitude),
        longitude_degrees=float(longitude),
        arrival_ms=arrival_ms,
        departure_ms=arrival_ms + round(minutes * MINUTE_MS),
        earliest_arrival_ms=arrival_ms - 30 * MINUTE_MS,
        latest_arrival_ms=arrival_ms + 30 * MINUTE_MS,
        duration_s=minutes * 60.0,
    )
    return replace(stop, **changes)  # type: ignore[arg-type]


def planned_day(stops: Sequence[PlannedStop], *, hours: float = 9.0, **changes: object) -> PlannedDay:
    """Plan a day without a path."""
    end_ms = MORNING_MS + round(hours * 60 * MINUTE_MS)
    day = PlannedDay(
        worker_id="w",
        stops=tuple(stops),
        start_ms=MORNING_MS,
        end_ms=end_ms,
        working_start_ms=MORNING_MS,
        working_end_ms=end_ms,
        length_m=0.0,
        path_latitude_degrees=NO_PATH,
        path_longitude_degrees=NO_PATH,
        edges=NO_EDGES,
    )
    return replace(day, **changes)  # type: ignore[arg-type]


def without(track: Track, hidden: np.ndarray) -> Track:
    """Take points away."""
    return Track(*(getattr(track, name)[~hidden] for name in Track.__dataclass_fields__))


def stays_of(
    track: Track, day: PlannedDay, options: VisitOptions | None = None
) -> tuple[tuple[Stay, ...], SeenPoints, VisitOptions]:
    """Find and split the stays of a clean track."""
    options = options or VisitOptions()
    keep = np.ones(len(track), dtype=bool)
    seen = SeenPoints.of_track(track, keep, options)
    stays = find_stays(track, keep, StayOptions(min_duration_s=options.min_presence_s))
    return split_stays(stays, day.stops, seen, options), seen, options


def judged(track: Track, day: PlannedDay, options: VisitOptions | None = None) -> tuple[VisitEvidence, ...]:
    """Judge the visits of a clean track."""
    stays, seen, options = stays_of(track, day, options)
    return judge_visits(day, stays, seen, options)


def verdicts(evidence: Sequence[VisitEvidence]) -> dict[str, str]:
    """Verdict by visit; unplanned stays count under the empty name."""
    return {line.visit_id: line.verdict.value for line in evidence}
