"""Lays a recorded track on roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.matching.match import Match
from geo.tracks.track import Track
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, beside
from server.use_cases.given_track import (
    declaring_field,
    fetch_track,
    refuse_swapped,
    source_violations,
    track_doubts,
)
from server.use_cases.identity import id_violations
from server.use_cases.notices import Notice
from server.use_cases.places import open_road_network
from server.use_cases.recorded_track import GivenTrack, TrackName
from server.use_cases.workshop import Workshop


@dataclass(frozen=True, eq=False)
class MatchAnswer:
    """A track laid on roads: the network, the track in WGS-84, the match, and what its caller should look at."""

    opened: OpenNetwork
    track: Track
    match: Match
    notices: tuple[Notice, ...] = ()


async def match_track(
    workshop: Workshop,
    *,
    road_network: str,
    source: GivenTrack | TrackName | None,
    unreadable: Sequence[FieldViolation] = (),
) -> MatchAnswer:
    """Lay a track on roads.

    Parameters
    ----------
    workshop
        The service's tools.
    road_network
        Id of the network.
    source
        Points that the request brings along, or the name of a stored track; None is reported as missing.
    unreadable
        What cannot be read of the request.

    Returns
    -------
    MatchAnswer
        The match; what cannot be matched is a segment of its own kind.

    Raises
    ------
    InvalidRequestError
        With every broken rule.
    NotFoundError
        There is no such network, or no such track.
    """
    violations = beside(unreadable, (*source_violations(source), *id_violations(road_network, "road_network")))
    if source is None or violations:
        raise InvalidRequestError(violations)
    fetched = await fetch_track(workshop, source)
    opened = await open_road_network(workshop, road_network)
    track = fetched.track
    refuse_swapped(opened, track, source)
    match = await workshop.threads.compute(lambda: opened.matcher.match(track))
    notices = await workshop.threads.compute(track_doubts, opened, fetched, declaring_field(source))
    return MatchAnswer(opened, track, match, notices)
