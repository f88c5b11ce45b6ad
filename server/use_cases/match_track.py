"""Lays a recorded track on roads and measures how far it led: the audit of a day without a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from geo.audit.gap_mileage import GapOptions
from geo.audit.options import AuditOptions
from geo.audit.track_audit import GapPolicy, Mileage
from geo.audit_track import audit_track
from geo.matching.match import Match
from geo.tracks.track import Track
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, ViolationCode, beside
from server.use_cases.departure import time_zone_violations
from server.use_cases.given_track import (
    declaring_field,
    fetch_track,
    refuse_swapped,
    source_violations,
    track_doubts,
    unknown_gap_policy,
)
from server.use_cases.identity import id_violations
from server.use_cases.not_there import beside_not_there
from server.use_cases.notices import Notice
from server.use_cases.places import open_road_network
from server.use_cases.recorded_track import GivenTrack, TrackName
from server.use_cases.workshop import Workshop


@dataclass(frozen=True, eq=False)
class MatchAnswer:
    """A track laid on roads.

    Parameters
    ----------
    opened, track
        The network, and the track in WGS-84.
    match, mileage
        What was found; no mileage where it stands elsewhere, as in an audit.
    notices
        What the caller should look at.
    zone
        Time zone in which rules of the road that hold at times are judged; None where they are not.
    """

    opened: OpenNetwork
    track: Track
    match: Match
    mileage: Mileage | None = None
    notices: tuple[Notice, ...] = ()
    zone: ZoneInfo | None = None


async def match_track(
    workshop: Workshop,
    *,
    road_network: str,
    source: GivenTrack | TrackName | None,
    gap_policy: GapPolicy | None = GapPolicy.SHORTEST,
    time_zone: str = "",
    unreadable: Sequence[FieldViolation] = (),
) -> MatchAnswer:
    """Lay a track on roads and measure how far it led.

    Parameters
    ----------
    workshop
        The service's tools.
    road_network
        Id of the network.
    source
        Points that the request brings along, or the name of a stored track; None is reported as missing.
    gap_policy
        How kilometres in gaps are counted; None, a way that is not known, is refused, and so is that of a plan.
    time_zone
        IANA name of the time zone of the roads; empty where it is not known.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    MatchAnswer
        The match, with its mileage; what cannot be matched is a segment of its own kind.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network, or no such track.
    """
    known = (*source_violations(source), *id_violations(road_network, "road_network"))
    zone_violations = time_zone_violations(time_zone, "time_zone") if time_zone else ()
    violations = beside(unreadable, (*known, *_policy_violations(gap_policy), *zone_violations))
    violations = await beside_not_there(workshop, violations, road_network=road_network, source=source)
    if source is None or gap_policy is None or violations:
        raise InvalidRequestError(violations)
    fetched = await fetch_track(workshop, source)
    opened = await open_road_network(workshop, road_network)
    track = fetched.track
    refuse_swapped(opened, track, source)
    options = AuditOptions(gaps=GapOptions(policy=gap_policy))
    audit = await workshop.threads.compute(
        lambda: audit_track(track, None, opened.matcher, opened.router, options=options)
    )
    notices = await workshop.threads.compute(track_doubts, opened, fetched, declaring_field(source))
    zone = ZoneInfo(time_zone) if time_zone else None
    return MatchAnswer(opened, track, audit.match, audit.mileage, notices, zone)


def _policy_violations(gap_policy: GapPolicy | None) -> Iterator[FieldViolation]:
    if gap_policy is None:
        yield unknown_gap_policy()
    elif gap_policy is GapPolicy.PLANNED:
        yield FieldViolation(
            "gap_policy", ViolationCode.NOT_SUPPORTED, "must not be the planned path: there is no plan here"
        )
