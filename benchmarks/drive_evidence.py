"""What simulated drives show when they are matched: links, segments and whole drives, each beside its truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulated_drives import DriveWorld, Phone, SimulatedDrive
from geo.audit.mileage_interval import Recording, matched_parts
from geo.audit.track_audit import Mileage
from geo.audit_track import audit_track
from geo.matching.confidence import link_confidence, link_features
from geo.matching.laying_kernels import Solution
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import MatchSegment, SegmentKind
from geo.matching.path_kernels import LINK_ROAD
from geo.tracks.cleaning import clean_track
from geo.tracks.stays import stays_among

FloatArray = NDArray[np.float64]

RATES_S = (1.0, 5.0, 15.0, 30.0, 60.0)
NOISES_M = (5.0, 15.0)
PHONES = tuple(Phone(rate, noise, is_slow) for rate in RATES_S for noise in NOISES_M for is_slow in (False, True))


@dataclass(frozen=True, eq=False)
class RecordedDrive:
    """A drive as one phone recorded it, measured.

    Parameters
    ----------
    number, phone
        Which drive, and how it was recorded.
    mileage, true_m
        What was measured, and what was driven between the first and the last fix.
    recording, stays, matched
        How well it was recorded, as the match shows it; number of stays, and parts on roads.
    features, link_m, link_right
        ``(l, f)``, ``(l,)``, ``(l,)``: of every link what its confidence is estimated from, its metres, and the share
        of them that was driven.
    segment_confidence, segment_right, segment_m
        ``(s,)``: the same of every stretch of road between stays, gaps and off-road parts.
    """

    number: int
    phone: Phone
    mileage: Mileage
    true_m: float
    recording: Recording
    stays: int
    matched: tuple[MatchSegment, ...]
    features: FloatArray
    link_m: FloatArray
    link_right: FloatArray
    segment_confidence: FloatArray
    segment_right: FloatArray
    segment_m: FloatArray

    @property
    def error_m(self) -> float:
        """Measured less driven metres."""
        return self.mileage.total_m - self.true_m

    @property
    def is_covered(self) -> bool:
        """Whether the truth lies in the interval."""
        return self.mileage.low_m <= self.true_m <= self.mileage.high_m


@dataclass
class _Links:
    """Collects the links of one drive."""

    places: list[int] = field(default_factory=list)
    metres: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    segment: list[int] = field(default_factory=list)


def measured_drives(
    world: DriveWorld, count: int, *, seed: int, phones: Iterable[Phone] = PHONES
) -> Iterator[RecordedDrive]:
    """Make drives, record each with every phone, and measure.

    Parameters
    ----------
    world
        Where drivers drive.
    count, seed
        How many drives, and which.
    phones
        How each is recorded.

    Yields
    ------
    RecordedDrive
        Drive by drive.
    """
    matcher, phones = MapMatcher(world.network), tuple(phones)
    for number, drive in enumerate(world.drives(count, seed=seed)):
        for phone_number, phone in enumerate(phones):
            yield _measured(world, matcher, drive, phone, (number, seed * 1000 + number * 100 + phone_number))


def _measured(
    world: DriveWorld, matcher: MapMatcher, drive: SimulatedDrive, phone: Phone, numbers: tuple[int, int]
) -> RecordedDrive:
    track = drive.record(phone, seed=numbers[1])
    audit = audit_track(track, None, matcher, world.router)
    cleaned = clean_track(track, matcher.options.cleaning)
    stays = stays_among(track, cleaned.kept, matcher.options.stays, cleaned.noise_m)
    solution = matcher.solve(cleaned, stays)
    links = _links_of(drive, solution, track.time_ms[cleaned.kept], slack_ms=500.0 * phone.every_s + 5_000.0)
    metres, right, segment = np.array(links.metres), np.array(links.right), np.array(links.segment, np.int64)
    confidence = link_confidence(*solution)[links.places]
    segment_m = np.bincount(segment, metres)
    has_way = segment_m > 0.0
    weight = np.where(has_way, segment_m, 1.0)
    return RecordedDrive(
        number=numbers[0],
        phone=phone,
        mileage=audit.mileage,
        true_m=drive.length_m(track.time_ms[0], track.time_ms[-1]),
        recording=Recording.of_match(audit.match, track.time_ms[cleaned.kept]),
        stays=sum(segment.kind is SegmentKind.STAY for segment in audit.match.segments),
        matched=matched_parts(audit.match),
        features=link_features(*solution)[links.places],
        link_m=metres,
        link_right=right,
        segment_confidence=(np.bincount(segment, metres * confidence) / weight)[has_way],
        segment_right=(np.bincount(segment, metres * right) / weight)[has_way],
        segment_m=segment_m[has_way],
    )


def _links_of(drive: SimulatedDrive, solution: Solution, time_ms: NDArray[np.int64], *, slack_ms: float) -> _Links:
    """Compare the road of every link with what was driven around its time."""
    layers, path, links = solution.layers, solution.path, _Links()
    segment, segment_of = 0, {}
    for number in range(1, len(layers)):
        before = layers[number - 1]
        if path.link[number] != LINK_ROAD or before["first"] < before["last"]:
            segment += 1
        segment_of[number] = segment
    for number, parts in link_parts(solution):
        before, layer = layers[number - 1], layers[number]
        driven = drive.edge_metres(time_ms[before["last"]] - slack_ms, time_ms[layer["first"]] + slack_ms)
        length_m = sum(end_m - start_m for _, start_m, end_m in parts)
        right_m = sum(min(end_m - start_m, driven.get(edge, 0.0)) for edge, start_m, end_m in parts)
        if length_m > 0.0:
            links.places.append(number)
            links.metres.append(length_m)
            links.right.append(right_m / length_m)
            links.segment.append(segment_of[number])
    return links


def link_parts(solution: Solution) -> Iterator[tuple[int, list[tuple[int, float, float]]]]:
    """List the parts of edges on the road of every link.

    Parameters
    ----------
    solution
        A matched track.

    Yields
    ------
    tuple[int, list[tuple[int, float, float]]]
        The number of the observation that the road leads to, and each edge with the metres at which it is entered and
        left.
    """
    path = solution.path
    for number in range(1, len(solution.layers)):
        if path.link[number] != LINK_ROAD:
            continue
        parts = []
        for part in range(path.leave[number - 1], path.arrive[number] + 1):
            start_m = path.from_m[part]
            if part == path.leave[number - 1] == path.arrive[number - 1]:
                start_m = path.along_m[number - 1]
            end_m = path.along_m[number] if part == path.arrive[number] else path.to_m[part]
            parts.append((int(path.edge[part]), float(start_m), max(float(start_m), float(end_m))))
        yield number, parts
