"""Decides where the travelled way left the plan: intervals with start, end, metres and cause.

A piece of the way is on the plan where it runs on a planned edge or through the corridor. A deviation is a stretch of
pieces off the plan; coming back for a moment, as where a detour crosses the planned road, does not end it. Once found
it is extended at both ends to where the way left and rejoined the planned edges.

Noise makes no deviations, for three reasons: pieces lie on matched roads and not on fixes; a stretch must be longer
than a wrong turn of the matcher; and at least one fix must bear witness, lying outside the corridor by more than its
own error. A way between two fixes that the matcher only inferred accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.audit.cell_corridor import CellCorridor, CorridorOptions, build_corridor
from geo.audit.planned_day import KnownPlace, PlannedDay
from geo.audit.planned_path import PlannedPath
from geo.audit.seen_points import SeenPoints
from geo.audit.track_audit import Deviation, DeviationCause
from geo.audit.travelled_pieces import NO_EDGE, TravelledPieces
from geo.geodesy import great_circles_m
from geo.matching.match import Match, SegmentKind
from geo.tracks.stays import Stay

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

HALF = 0.5


@dataclass(frozen=True)
class DeviationOptions:
    """What counts as leaving the plan.

    Parameters
    ----------
    min_length_m
        Shorter stretches off the plan are none.
    rejoin_m
        Being back on the plan for less than this does not end a deviation.
    extend_m
        How far a deviation reaches beyond the corridor's rim to where it left the planned edges, at most.
    witness_accuracies
        A fix bears witness where it is so many of its accuracies outside the corridor's width.
    """

    min_length_m: float = 120.0
    rejoin_m: float = 60.0
    extend_m: float = 300.0
    witness_accuracies: float = 1.0

    def __post_init__(self) -> None:
        """Refuse negative lengths."""
        for name, value in vars(self).items():
            if not value >= 0.0:
                message = f"{name} must not be negative (got {value})"
                raise ValueError(message)


@dataclass(frozen=True, eq=False)
class PlanGeometry:
    """The plan as deviations are measured against it.

    Parameters
    ----------
    day
        The plan.
    path
        Its path.
    corridor
        The cells around it.
    corridor_width_m
        Every position within this distance of the path is inside.
    """

    day: PlannedDay
    path: PlannedPath
    corridor: CellCorridor
    corridor_width_m: float

    @classmethod
    def of_day(cls, day: PlannedDay, options: CorridorOptions) -> PlanGeometry:
        """Lay path and corridor of a planned day; its customers and known places belong to the corridor.

        Parameters
        ----------
        day
            The plan.
        options
            How wide the corridor is.

        Returns
        -------
        PlanGeometry
            With an empty corridor where the day has neither a path nor a place.
        """
        customers = (KnownPlace(stop.latitude_degrees, stop.longitude_degrees, stop.radius_m) for stop in day.stops)
        latitude, longitude = day.path_latitude_degrees, day.path_longitude_degrees
        corridor = build_corridor(latitude, longitude, places=(*customers, *day.known_places), options=options)
        return cls(day, PlannedPath.through(latitude, longitude), corridor, options.width_m)


@dataclass(frozen=True, eq=False)
class Journey:
    """What was seen of the way, as deviations are measured on it.

    Parameters
    ----------
    match
        The track laid on roads.
    pieces
        The travelled way.
    seen
        Believed points.
    unplanned_stays
        Stays that no visit explains.
    """

    match: Match
    pieces: TravelledPieces
    seen: SeenPoints
    unplanned_stays: Sequence[Stay]


def find_deviations(plan: PlanGeometry, journey: Journey, options: DeviationOptions) -> tuple[Deviation, ...]:
    """Find where the travelled way left the plan.

    Parameters
    ----------
    plan
        The plan; without a path nothing can be left.
    journey
        The travelled way.
    options
        What counts as leaving.

    Returns
    -------
    tuple[Deviation, ...]
        In order of time.
    """
    pieces = journey.pieces
    if not plan.path.is_known or len(pieces) == 0:
        return ()
    is_planned_edge = _is_planned_edge(plan.day, pieces)
    is_on_plan = is_planned_edge | plan.corridor.contains(pieces.latitude_degrees, pieces.longitude_degrees)
    progress_m = plan.path.progress(pieces.latitude_degrees, pieces.longitude_degrees, pieces.length_m)
    stretches = _without_open_ends(plan, _off_plan(is_on_plan, pieces.length_m, options), len(pieces))
    extended = [_extended(off, is_planned_edge, pieces.length_m, options) for off in stretches]
    return tuple(
        _described(plan, journey, stretch, progress_m)
        for stretch in _joined(extended)
        if _has_witness(plan, journey, stretch.whole, options)
    )


@dataclass(frozen=True)
class _Stretch:
    """Pieces of a deviation: those outside the corridor, and all to where the planned edges were left and rejoined."""

    off: slice
    whole: slice


def _is_planned_edge(day: PlannedDay, pieces: TravelledPieces) -> BoolArray:
    return np.asarray(np.isin(pieces.edge, day.edges) & (pieces.edge != NO_EDGE))


def _off_plan(is_on_plan: BoolArray, length_m: FloatArray, options: DeviationOptions) -> list[slice]:
    """Stretches of pieces off the plan, joined over short returns, that are long enough."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[True], is_on_plan, [True]]).astype(np.int8)))
    off = [slice(int(first), int(end)) for first, end in bounds.reshape(-1, 2)]
    joined: list[slice] = []
    for stretch in off:
        if joined and length_m[joined[-1].stop : stretch.start].sum() < options.rejoin_m:
            joined[-1] = slice(joined[-1].start, stretch.stop)
        else:
            joined.append(stretch)
    return [stretch for stretch in joined if length_m[stretch][~is_on_plan[stretch]].sum() >= options.min_length_m]


def _without_open_ends(plan: PlanGeometry, stretches: list[slice], count: int) -> list[slice]:
    """Leave out the way to the first and from the last stop of a route that is open at that end."""
    line = plan.path.line
    if stretches and stretches[0].start == 0 and _is_open(plan, float(line[0][0]), float(line[1][0])):
        stretches = stretches[1:]
    if stretches and stretches[-1].stop == count and _is_open(plan, float(line[0][-1]), float(line[1][-1])):
        stretches = stretches[:-1]
    return stretches


def _is_open(plan: PlanGeometry, latitude_degrees: float, longitude_degrees: float) -> bool:
    return all(
        great_circles_m(place.latitude_degrees, place.longitude_degrees, latitude_degrees, longitude_degrees)
        > place.radius_m + plan.corridor_width_m
        for place in plan.day.known_places
    )


def _extended(off: slice, is_planned_edge: BoolArray, length_m: FloatArray, options: DeviationOptions) -> _Stretch:
    """Reach out to where the way left and rejoined the planned edges; without any, stay at the corridor's rim."""
    if not is_planned_edge.any():
        return _Stretch(off, off)
    before = _reach(is_planned_edge[: off.start][::-1], length_m[: off.start][::-1], options.extend_m)
    after = _reach(is_planned_edge[off.stop :], length_m[off.stop :], options.extend_m)
    return _Stretch(off, slice(off.start - before, off.stop + after))


def _reach(is_planned_edge: BoolArray, length_m: FloatArray, extend_m: float) -> int:
    """Pieces until the first planned edge; none where that is too far away."""
    planned = np.flatnonzero(is_planned_edge)
    reach = int(planned[0]) if len(planned) else len(is_planned_edge)
    return reach if length_m[:reach].sum() <= extend_m else 0


def _joined(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    joined: list[_Stretch] = []
    for stretch in stretches:
        if joined and stretch.whole.start < joined[-1].whole.stop:
            off = slice(joined[-1].off.start, stretch.off.stop)
            joined[-1] = _Stretch(off, slice(joined[-1].whole.start, stretch.whole.stop))
        else:
            joined.append(stretch)
    return joined


def _has_witness(plan: PlanGeometry, journey: Journey, stretch: slice, options: DeviationOptions) -> bool:
    seen, pieces = journey.seen, journey.pieces
    first, end = np.searchsorted(seen.time_ms, [pieces.start_ms[stretch][0], pieces.end_ms[stretch][-1] + 1])
    during = slice(int(first), int(end))
    latitude, longitude = seen.latitude_degrees[during], seen.longitude_degrees[during]
    distance_m, _ = plan.path.nearest(latitude, longitude)
    error_m = options.witness_accuracies * seen.accuracy_m[during]
    is_clear = distance_m > plan.corridor_width_m + error_m
    return bool((is_clear & ~plan.corridor.contains(latitude, longitude)).any())


def _described(plan: PlanGeometry, journey: Journey, stretch: _Stretch, progress_m: FloatArray) -> Deviation:
    pieces, whole = journey.pieces, stretch.whole
    length_m = float(pieces.length_m[whole].sum())
    distance_m, _ = plan.path.nearest(pieces.latitude_degrees[whole], pieces.longitude_degrees[whole])
    return Deviation(
        start_ms=int(pieces.start_ms[whole][0]),
        end_ms=int(pieces.end_ms[whole][-1]),
        length_m=length_m,
        extra_m=length_m - _replaced_m(stretch, progress_m),
        peak_distance_m=float(distance_m.max()),
        cause=_cause(journey, whole),
    )


def _replaced_m(stretch: _Stretch, progress_m: FloatArray) -> float:
    """Planned metres between leaving the plan and being back on it; 0 where it was never joined again."""
    left_m = _first_known(progress_m[: stretch.whole.start][::-1], progress_m[stretch.whole.start : stretch.off.start])
    back_m = _first_known(progress_m[stretch.whole.stop :], progress_m[stretch.off.stop : stretch.whole.stop][::-1])
    return 0.0 if back_m is None else max(0.0, back_m - (left_m or 0.0))


def _first_known(*choices: FloatArray) -> float | None:
    """First progress that is known, looked for in several places one after the other."""
    known = (choice[np.isfinite(choice)] for choice in choices)
    return next((float(values[0]) for values in known if len(values)), None)


def _cause(journey: Journey, stretch: slice) -> DeviationCause:
    pieces = journey.pieces
    start_ms, end_ms = int(pieces.start_ms[stretch][0]), int(pieces.end_ms[stretch][-1])
    if any(stay.start_ms < end_ms and stay.end_ms > start_ms for stay in journey.unplanned_stays):
        return DeviationCause.UNPLANNED_STOP
    gaps = (segment for segment in journey.match.segments if segment.kind is SegmentKind.GAP)
    gap_ms = sum(max(0, min(gap.end_ms, end_ms) - max(gap.start_ms, start_ms)) for gap in gaps)
    if gap_ms > HALF * (end_ms - start_ms):
        return DeviationCause.DATA_GAP
    off_road_m = pieces.length_m[stretch][pieces.edge[stretch] == NO_EDGE].sum()
    if off_road_m > HALF * pieces.length_m[stretch].sum():
        return DeviationCause.OFF_ROAD
    return DeviationCause.UNEXPLAINED
