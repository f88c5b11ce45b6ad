"""One worker's day on a drawn map, with a finding of every kind, for the tests of reports."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import cache

import numpy as np

from geo.audit.track_audit import (
    ClaimCheck,
    ClaimFinding,
    Deviation,
    DeviationCause,
    GapMileage,
    GapPolicy,
    Mileage,
    Score,
    ScorePart,
    TrackAudit,
    VisitEvidence,
    VisitVerdict,
)
from geo.matching.match import Match, MatchSegment, PointState, SegmentKind
from geo.tracks.stays import Stay
from geo.tracks.track import Track
from optimizer.plan import UnplannedReason
from server.reports.day_report import DayReport, WorkerDay
from server.use_cases.day_plan import (
    DayBreak,
    DayLeg,
    DayPlan,
    DayRoute,
    DayStop,
    DayUnplanned,
    PlanState,
    StopReason,
)
from server.use_cases.planning_request import Place, TimeSpan
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map

START_S = 1_789_453_800  # 2026-09-15 09:30 in Helsinki
START_MS = START_S * 1000
MINUTE_S = 60
SCRIPT = "<script>alert(1)</script>"


@cache
def road_map() -> AsciiRoadMap:
    """A street with a turning, a hundred metres from letter to letter."""
    return ascii_road_map(
        """
        A---1---B---2---C
                |
                D
        """,
        {"ABC": {"name": "Pitkä katu & <b>"}, "BD": {}},
        grid_m=25,
    )


def place(sign: str) -> Place:
    """Place of a letter or digit of the map."""
    return Place(*(float(value) for value in road_map().places[sign]))


def route(worker_id: str = "w1", label: str = "Aino") -> DayRoute:
    """From A past the stops at 1 and 2 to C."""
    way = [place(sign) for sign in "A12C"]
    legs = tuple(
        DayLeg(
            None,
            None,
            30,
            100.0,
            np.array([start.latitude_degrees, end.latitude_degrees]),
            np.array([start.longitude_degrees, end.longitude_degrees]),
        )
        for start, end in itertools.pairwise(way)
    )
    window = TimeSpan(START_S, START_S + 8 * 3600)
    stops = (
        DayStop("v1", f"Kauppa {SCRIPT}", way[1], START_S + 60, START_S + 60, START_S + 360, window),
        DayStop("v2", "", way[2], START_S + 420, START_S + 420, START_S + 720, window),
    )
    return DayRoute(
        worker_id=worker_id,
        worker_label=label,
        road_network="town",
        network_fingerprint=road_map().network.fingerprint,
        shift=TimeSpan(START_S - 1800, START_S + 8 * 3600),
        start_s=START_S,
        end_s=START_S + 800,
        stops=stops,
        legs=legs,
        breaks=(DayBreak(START_S + 730, 60, TimeSpan(START_S, START_S + 3600)),),
        cost=12.5,
        start_position=way[0],
        end_position=way[-1],
    )


def track() -> Track:
    """Points each minute along the street; the third is not believed."""
    signs = "AA11BDD2CC"
    count = len(signs)
    return Track(
        time_ms=START_MS + np.arange(count, dtype=np.int64) * 60_000,
        latitude_degrees=np.array([place(sign).latitude_degrees for sign in signs]),
        longitude_degrees=np.array([place(sign).longitude_degrees for sign in signs]),
        accuracy_m=np.full(count, 5.0),
        speed_mps=np.full(count, np.nan),
        bearing_degrees=np.full(count, np.nan),
    )


def segment(kind: SegmentKind, first: int, last: int, path: str = "") -> MatchSegment:
    """A segment between two points of the track, on whole edges."""
    edges = np.array(road_map().edges(path) if path else [], np.int32)
    times_ms = track().time_ms
    enters_ms = np.linspace(times_ms[first], times_ms[last], len(edges) + 1)[:-1].astype(np.int64)
    length_m = {SegmentKind.STAY: 0.0, SegmentKind.GAP: math.nan}.get(kind, 200.0)
    return MatchSegment(
        kind=kind,
        start_ms=int(times_ms[first]),
        end_ms=int(times_ms[last]),
        first_point=first,
        last_point=last,
        edges=edges,
        edge_from_fraction=np.zeros(len(edges)),
        edge_to_fraction=np.ones(len(edges)),
        edge_entry_ms=enters_ms,
        length_m=length_m,
        confidence=0.9 if len(edges) else math.nan,
        forbidden_edges=np.empty(0, np.int32),
    )


def audit() -> TrackAudit:
    """One stop visited, one missed, one unplanned stay, a gap, a deviation, and a claim that is too high."""
    state = np.full(10, PointState.MATCHED, np.uint8)
    state[2] = PointState.DROPPED
    reason = np.zeros(10, np.uint8)
    reason[2] = 6
    segments = (
        segment(SegmentKind.MATCHED, 0, 4, "AB"),
        segment(SegmentKind.GAP, 4, 5),
        segment(SegmentKind.STAY, 5, 6),
        segment(SegmentKind.OFF_ROAD, 6, 7),
        segment(SegmentKind.MATCHED, 7, 9, "BC"),
    )
    stays = tuple(
        Stay(first, first + 1, START_MS + first * 60_000, START_MS + (first + 1) * 60_000, *_degrees(sign), 9.0)
        for first, sign in ((2, "1"), (5, "D"))
    )
    visits = (
        VisitEvidence("v1", VisitVerdict.VISITED, stays[0], 0, 8.0, 0.0, "Stood 5 min at 8 m."),
        VisitEvidence("v2", VisitVerdict.MISSED, None, 1, math.nan, math.nan, "Passed without standing."),
        VisitEvidence(
            "", VisitVerdict.UNPLANNED, stays[1], None, math.nan, math.nan, "Stood where nothing was planned."
        ),
    )
    gap = GapMileage(START_MS + 240_000, START_MS + 300_000, GapPolicy.SHORTEST, 50.0, is_capped=True)
    return TrackAudit(
        network_fingerprint=road_map().network.fingerprint,
        match=Match(state, reason, np.zeros(10, np.int32), np.zeros(10), np.zeros(10), segments),
        stays=stays,
        visits=visits,
        deviations=(Deviation(START_MS + 210_000, START_MS + 400_000, 150.0, 90.0, 60.0, DeviationCause.UNEXPLAINED),),
        mileage=Mileage(650.0, 400.0, 50.0, 200.0, 600.0, 700.0, 900.0, 120.0, (gap,), {"residential": 400.0}),
        claim=ClaimCheck(1500.0, 300.0, 650.0, 600.0, 700.0, 800.0, ClaimFinding.ABOVE_INTERVAL),
        score=Score(
            "1", 71.6, (ScorePart("visits", 50.0, 0.6, "1 of 2."), ScorePart("time", math.nan, 0.4, "No data."))
        ),
        corridor_cells=np.array([0x8B1F1A0D2D01FFF], np.uint64)[:0],
        observed_share=0.9,
        points_outside_working_hours=4,
        coordinate_doubt=None,
    )


def _degrees(sign: str) -> tuple[float, float]:
    where = place(sign)
    return (where.latitude_degrees, where.longitude_degrees)


def plan(*routes: DayRoute) -> DayPlan:
    """A plan with these routes and one visit that nobody was given."""
    unplanned = DayUnplanned("v3", "Baari", UnplannedReason.OUTSIDE_WORKING_TIME, "Opens after every shift.")
    return DayPlan(
        id="plan-1",
        label="Tiistai",
        state=PlanState.DRAFT,
        create_ms=START_MS,
        day="2026-09-15",
        time_zone="Europe/Helsinki",
        routes=routes,
        unplanned=(unplanned,),
        cost=12.5,
        engine="or-tools",
        search_s=1.0,
        stop_reason=StopReason.TIME_LIMIT,
        notices=(),
    )


def team_report() -> DayReport:
    """Two workers: one whose day is audited, and one whose day has not begun."""
    routes = route(), route("w2", "Väinö")
    audited = WorkerDay(routes[0], road_map().network, track(), audit())
    return DayReport(plan(*routes), (audited, WorkerDay(routes[1], road_map().network)), simulated="Nobody drove this.")


def own_report() -> DayReport:
    """What the first worker sees."""
    routes = route(), route("w2", "Väinö")
    day = WorkerDay(routes[0], road_map().network, track(), audit())
    return DayReport(plan(*routes), (day,), is_team=False)


def report_with_labels(text: str) -> DayReport:
    """The team's report, with one text in place of every label and id that a caller may choose."""
    usual = team_report()
    routes = tuple(
        replace(
            each, worker_label=text, stops=tuple(replace(stop, visit_label=text, visit_id=text) for stop in each.stops)
        )
        for each in usual.plan.routes
    )
    unplanned = tuple(replace(visit, visit_label=text, explanation=text) for visit in usual.plan.unplanned)
    days = tuple(replace(day, route=each) for day, each in zip(usual.days, routes, strict=True))
    return replace(usual, plan=replace(usual.plan, label=text, routes=routes, unplanned=unplanned), days=days)
