"""The main path: one worker's track and planned day in, findings with their evidence out.

Each step is one call and has a file of its own that says how it decides::

    working hours    geo.audit.working_hours    what lies outside is not looked at
    clean            geo.tracks.cleaning        which points to believe, with a reason for each dropped
    stays            geo.audit.stay_search      where the track stood still
    match            geo.matching.map_matcher   on which roads it moved
    visits           geo.audit.visit_evidence   what the track says about each planned visit
    deviations       geo.audit.deviation        where the way left the plan
    mileage          geo.audit.real_mileage     how far it was, with its interval
    claim            geo.audit.claims           planned, driven and claimed side by side
    score            geo.audit.score            how well the day followed the plan, part by part

A day without a plan is audited as far as a track alone goes: stays, match, mileage and claim.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.audit.audit_input import check_audit_input
from geo.audit.claims import check_claim
from geo.audit.deviation import Journey, PlanGeometry, find_deviations
from geo.audit.observed_time import observed_share, unseen_at_the_ends_m
from geo.audit.options import AuditOptions
from geo.audit.plan_doubt import doubt_planned_coordinates, withhold_missed
from geo.audit.planned_day import PlannedDay
from geo.audit.real_mileage import measure_mileage
from geo.audit.score import ScoredFindings, score_day
from geo.audit.seen_points import SeenPoints
from geo.audit.stay_search import search_stays
from geo.audit.stay_splitting import split_stays
from geo.audit.track_audit import TrackAudit, VisitEvidence
from geo.audit.travelled_pieces import cut_into_pieces
from geo.audit.visit_evidence import judge_visits, unplanned_stays
from geo.audit.working_hours import WorkingTrack, cut_to_working_hours
from geo.coordinate_doubt import CoordinateDoubt
from geo.matching.map_matcher import MapMatcher
from geo.routing.router import Router
from geo.tracks.cleaning import clean_track
from geo.tracks.stays import Stay
from geo.tracks.track import Track


def audit_track(
    track: Track,
    planned_day: PlannedDay | None,
    matcher: MapMatcher,
    router: Router,
    *,
    options: AuditOptions | None = None,
    claimed_m: float | None = None,
) -> TrackAudit:
    """Compare what a track shows with what was planned and what is claimed.

    Parameters
    ----------
    track
        What the device recorded, however damaged.
    planned_day
        The plan of that worker and day; None where there is none.
    matcher
        Lays tracks on the road network.
    router
        Finds ways through gaps, on the same network.
    options
        The company's rules.
    claimed_m
        Metres that the worker asks to be paid for; None where nothing is claimed.

    Returns
    -------
    TrackAudit
        The findings.

    Raises
    ------
    InvalidGeoInputError
        The plan or the claim break rules, or matcher and router stand on different networks.
    """
    # Long because this is the main path: every step once, in the order of the table above.
    options = options or AuditOptions()
    network = matcher.network
    check_audit_input(planned_day, claimed_m, network=network, router_network=router.network)

    working = _in_working_hours(track, planned_day)
    cleaned = clean_track(working.track, matcher.options.cleaning)
    seen = SeenPoints.of_track(working.track, cleaned.keep, options.visits)
    stays = search_stays(cleaned, options.visits.stay_options(planned_day, matcher.options.stays))
    match = matcher.match_cleaned(cleaned, stays)
    pieces = cut_into_pieces(working.track, match, network)

    plan = PlanGeometry.of_day(planned_day, options.corridor) if planned_day else None
    if planned_day:
        stays = split_stays(stays, planned_day.stops, seen, options.visits)
    visits, doubt = _visits(planned_day, stays, seen, options)
    journey = Journey(match, pieces, seen, unplanned_stays(visits))
    deviations = find_deviations(plan, journey, options.deviations) if plan else ()
    mileage = measure_mileage(
        working.track,
        match,
        seen=seen,
        stays=stays,
        router=router,
        path=plan.path if plan else None,
        options=options.gaps,
    )
    observed = observed_share(match, planned_day)
    claim = check_claim(
        mileage,
        claimed_m=claimed_m,
        planned_m=planned_day.length_m if planned_day else None,
        unseen_m=unseen_at_the_ends_m(seen, planned_day, profile=network.profile),
        options=options.claims,
    )
    travelled_m = float(pieces.length_m.sum())
    score = score_day(planned_day, ScoredFindings(visits, deviations, mileage, travelled_m, observed))
    return TrackAudit(
        network_fingerprint=network.fingerprint,
        match=match,
        stays=stays,
        visits=visits,
        deviations=deviations,
        mileage=mileage,
        claim=claim,
        score=score,
        corridor_cells=plan.corridor.cells if plan else np.empty(0, np.uint64),
        observed_share=observed,
        points_outside_working_hours=working.outside,
        coordinate_doubt=doubt,
    )


def _in_working_hours(track: Track, planned_day: PlannedDay | None) -> WorkingTrack:
    if planned_day is None:
        return WorkingTrack(track, outside=0)
    return cut_to_working_hours(track, start_ms=planned_day.working_start_ms, end_ms=planned_day.working_end_ms)


def _visits(
    planned_day: PlannedDay | None, stays: Sequence[Stay], seen: SeenPoints, options: AuditOptions
) -> tuple[tuple[VisitEvidence, ...], CoordinateDoubt | None]:
    """Judge the visits; where the plan's coordinates are doubtful, no visit is called missed."""
    if planned_day is None:
        return (), None
    visits = judge_visits(planned_day, stays, seen, options.visits)
    doubt = doubt_planned_coordinates(planned_day, stays)
    return (withhold_missed(visits, doubt.sentence()) if doubt.is_doubtful else visits), doubt
