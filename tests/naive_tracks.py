"""The obvious way to clean a track, to measure its jitter and to find its stays: the oracles of `geo.tracks`.

Everything is tried, and everything is added up anew each time. A point is a row ``(time_ms, latitude, longitude)``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import fmean, median

from geo.geodesy import METRES_PER_DEGREE
from geo.tracks.cleaning_kernels import MAX_STEP_MS, CleaningLimits
from geo.tracks.noise_kernels import MAX_SAMPLES, MIN_SAMPLES
from geo.tracks.noise_kernels import MAX_STEP_MS as MAX_NOISE_STEP_MS
from geo.tracks.stay_kernels import DEPARTURE_RADII, MIN_TRIM_M, TRIM_MEDIANS, StayLimits

Point = tuple[int, float, float]
Piece = list[int]


def wrapped(degrees: float) -> float:
    """Bring an angle into [-180, 180)."""
    return (degrees + 180.0) % 360.0 - 180.0


def east_north(start: Point, end: Point) -> tuple[float, float]:
    """Metres east and north, a degree of longitude being as long as it is halfway between the latitudes."""
    per_degree_east = METRES_PER_DEGREE * math.cos(math.radians((start[1] + end[1]) / 2))
    return wrapped(end[2] - start[2]) * per_degree_east, (end[1] - start[1]) * METRES_PER_DEGREE


def apart_m(start: Point, end: Point) -> float:
    """Metres between two points."""
    return math.hypot(*east_north(start, end))


def longest_in_order(times: Sequence[int]) -> list[int]:
    """Places of the longest strictly ascending times: from the end on, the smallest times, and of equal ones the first.

    Every point gets the length of the longest sequence that ends with it, by looking at every point before.
    """
    lengths: list[int] = []
    for place, time in enumerate(times):
        lengths.append(1 + max((lengths[other] for other in range(place) if times[other] < time), default=0))
    chosen: list[int] = []
    for length in range(max(lengths, default=0), 0, -1):
        stop = chosen[0] if chosen else len(times)
        ending = [place for place in range(stop) if lengths[place] == length]
        chosen.insert(0, min(ending, key=lambda place: (times[place], place)))
    return chosen


def can_be_reached(start: Point, end: Point, limits: CleaningLimits) -> bool:
    """Whether a worker can get from one point to the next in the time between."""
    step_ms = end[0] - start[0]
    speed_mps = limits.max_speed_unseen_mps if step_ms > limits.unseen_ms else limits.max_speed_mps
    return apart_m(start, end) <= limits.jump_slack_m + speed_mps * step_ms / 1000


def pieces_between_jumps(points: Sequence[Point], limits: CleaningLimits) -> list[Piece]:
    """Cut a track at every impossible jump."""
    pieces: list[Piece] = []
    for place in range(len(points)):
        if place == 0 or not can_be_reached(points[place - 1], points[place], limits):
            pieces.append([])
        pieces[-1].append(place)
    return pieces


def worth_ms(points: Sequence[Point], pieces: Sequence[Piece], limits: CleaningLimits) -> float:
    """Time that the points of some pieces stand for, less the cost of each jump between the pieces."""

    def half_step_ms(place: int, step: int) -> float:
        is_inside = 0 <= place + step < len(points)
        return min(abs(points[place + step][0] - points[place][0]), MAX_STEP_MS) / 2 if is_inside else MAX_STEP_MS / 2

    covered_ms = sum(half_step_ms(place, step) for piece in pieces for place in piece for step in (-1, 1))
    jumps = sum(not can_be_reached(points[a[-1]], points[b[0]], limits) for a, b in pairwise(pieces))
    return covered_ms - jumps * limits.jump_cost_ms


def greatest_worth_ms(points: Sequence[Point], pieces: Sequence[Piece], limits: CleaningLimits) -> float:
    """Worth of the best of all choices of pieces."""
    return max(
        worth_ms(points, chosen, limits)
        for count in range(1, len(pieces) + 1)
        for chosen in combinations(pieces, count)
    )


def places_without_spikes(points: Sequence[Point], limits: CleaningLimits) -> list[int]:
    """Places that stay when every point too far aside of the way between its neighbours goes, first to last."""
    kept = [0] if points else []
    for place in range(1, len(points)):
        if place + 1 < len(points):
            before, point, after = points[kept[-1]], points[place], points[place + 1]
            first_s, second_s = (point[0] - before[0]) / 1000, (after[0] - point[0]) / 1000
            expected = [first_s / (first_s + second_s) * part for part in east_north(before, after)]
            aside_m = math.dist(expected, east_north(before, point))
            bound_m = limits.jump_slack_m + limits.max_acceleration_mps2 * first_s * second_s / 2
            if aside_m > max(bound_m, apart_m(before, after)):
                continue
        kept.append(place)
    return kept


def white_noise(points: Sequence[Point]) -> float:
    """Median distance of points from the chord of their neighbours, as the deviation per axis that it comes from."""
    stride = max(1, (len(points) - 2) // MAX_SAMPLES)
    deviations = []
    for before, point, after in list(zip(points, points[1:], points[2:], strict=False))[::stride]:
        span_ms = after[0] - before[0]
        (chord_east, chord_north), (east, north) = east_north(before, after), east_north(before, point)
        if not 0 < span_ms <= 2 * MAX_NOISE_STEP_MS or (chord_east, chord_north) == (0, 0):
            continue
        share = (point[0] - before[0]) / span_ms
        angle = math.atan2(chord_north, chord_east)
        across_m = abs(north * math.cos(angle) - east * math.sin(angle))
        deviations.append(across_m / math.sqrt(1 + share**2 + (1 - share) ** 2))
    return median(deviations) / 0.6745 if len(deviations) >= MIN_SAMPLES else math.nan


def gathered(points: Sequence[Point], start: int, limits: StayLimits) -> int:
    """Last place that still belongs to the area around the points gathered from a place on."""
    per_degree_east = METRES_PER_DEGREE * math.cos(math.radians(points[start][1]))

    def metres(place: int) -> tuple[float, float]:
        east_degrees = wrapped(points[place][2] - points[start][2])
        return east_degrees * per_degree_east, (points[place][1] - points[start][1]) * METRES_PER_DEGREE

    members = [start]
    for place in range(start + 1, len(points)):
        if points[place][0] - points[place - 1][0] > limits.max_hole_ms:
            break
        centre = [fmean(part) for part in zip(*map(metres, members), strict=True)]
        aside_m = math.dist(centre, metres(place))
        is_settled = points[place][0] - points[start][0] >= limits.min_duration_ms
        if aside_m <= (limits.radius_m if is_settled else limits.settle_radius_m):
            members.append(place)
            continue
        is_long = place - members[-1] > 1 and points[place][0] - points[members[-1]][0] > limits.max_excursion_ms
        if is_long or aside_m > DEPARTURE_RADII * limits.radius_m:
            break
    return members[-1]


def trimmed(points: Sequence[Point], start: int, end: int) -> tuple[int, int, float, float, float]:
    """First and last place of a stay without arrival and departure, its centre, and the radius that holds 95 %."""
    members = points[start : end + 1]
    latitude = median(point[1] for point in members)
    longitude = wrapped(members[0][2] + median(wrapped(point[2] - members[0][2]) for point in members))
    distances = [apart_m((0, latitude, longitude), point) for point in members]
    limit_m = max(MIN_TRIM_M, TRIM_MEDIANS * median(distances))
    near = [place for place, distance_m in enumerate(distances) if distance_m <= limit_m]
    first, last = near[0], near[-1]
    inside = sorted(distances[first : last + 1])
    return start + first, start + last, latitude, longitude, inside[min(len(inside) - 1, int(0.95 * len(inside)))]


def stays(points: Sequence[Point], limits: StayLimits) -> list[tuple[int, int, float, float, float]]:
    """Every stay that lasts long enough, from the first place on where it does; an end of the track keeps its point."""
    found = []
    start = 0
    while start < len(points):
        end = gathered(points, start, limits)
        stay = trimmed(points, start, end)
        lasted_ms = min(points[end][0] - points[start][0], points[stay[1]][0] - points[stay[0]][0])
        if lasted_ms < limits.min_duration_ms:
            start += 1
        else:
            first = 0 if (start, stay[0]) == (0, 1) else stay[0]
            last = end if end == len(points) - 1 and stay[1] == end - 1 else stay[1]
            found.append((first, last, *stay[2:]))
            start = last + 1
    return found
