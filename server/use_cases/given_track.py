"""The track that a request names or brings along, checked and in WGS-84."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.coordinates import CoordinateSystem, convert
from geo.tracks.track import Track
from server.compute.open_networks import OpenNetwork
from server.errors import FieldViolation, InvalidRequestError, ViolationCode
from server.storage.track_codec import PointColumns
from server.use_cases.check_planning_request import missing_coordinate_system
from server.use_cases.check_track import point_violations, track_name_violations
from server.use_cases.notices import Notice, NoticeCode
from server.use_cases.places import position_doubts
from server.use_cases.read_tracks import get_track
from server.use_cases.recorded_track import GivenTrack, TrackName, converted_points
from server.use_cases.workshop import Workshop

__all__ = [
    "FetchedTrack",
    "GivenTrack",
    "declaring_field",
    "fetch_track",
    "refuse_swapped",
    "source_violations",
    "track_doubts",
    "track_of_points",
    "unknown_gap_policy",
]

MIN_POINTS = 2
MAX_POINTS = 200_000
MOST = 0.5
LEAST_OUTSIDE = 0.02
"""Of the points: a smaller share beyond the map may be noise, or the last road before its border."""
MAP_MARGIN_DEGREES = 0.005
"""Some 500 m around the outermost junctions, where roads lead on to the border of the map."""


@dataclass(frozen=True, eq=False)
class FetchedTrack:
    """A track in WGS-84, and the coordinate system in which it was declared to be recorded."""

    track: Track
    declared: CoordinateSystem


async def fetch_track(workshop: Workshop, source: GivenTrack | TrackName) -> FetchedTrack:
    """Return a track in WGS-84.

    Parameters
    ----------
    workshop
        The service's tools.
    source
        Points that the request brings along, or the name of a stored track.

    Returns
    -------
    FetchedTrack
        The track.

    Raises
    ------
    InvalidRequestError
        With every broken rule of the points; also where a stored track has fewer than two points.
    NotFoundError
        There is no such stored track.
    """
    violations = tuple(source_violations(source))
    if violations:
        raise InvalidRequestError(violations)
    if isinstance(source, GivenTrack):
        declared = source.coordinate_system or CoordinateSystem.WGS84
        return FetchedTrack(track_of_points(source.points, declared), declared)
    record = await get_track(workshop, source, with_points=True, path="stored_track")
    if record.points is None or len(record.points) < MIN_POINTS:
        description = f"must hold at least {MIN_POINTS} points (got {record.point_count})"
        raise InvalidRequestError((FieldViolation("stored_track", ViolationCode.REQUIRED, description),))
    declared = CoordinateSystem(record.coordinate_system)
    return FetchedTrack(track_of_points(record.points, declared), declared)


def source_violations(source: GivenTrack | TrackName | None) -> Iterator[FieldViolation]:
    """Yield the broken rules of the track that a request brings along or names.

    Parameters
    ----------
    source
        The track; None where the request has none.

    Yields
    ------
    FieldViolation
        A track that is missing, points that are not believable, a name that is none.
    """
    if source is None:
        yield FieldViolation("track", ViolationCode.REQUIRED, "points or stored_track is required")
    elif isinstance(source, TrackName):
        yield from track_name_violations(source, "stored_track")
    else:
        if source.coordinate_system is None:
            yield missing_coordinate_system("coordinate_system")
        yield from source.unreadable
        if not source.unreadable:
            yield from point_violations(source.points, least=MIN_POINTS, most=MAX_POINTS, may_be_damaged=True)


def unknown_gap_policy() -> FieldViolation:
    """Refuse a way of counting gaps that is not known: another one would pay other kilometres."""
    return FieldViolation("gap_policy", ViolationCode.UNKNOWN_VALUE, "is none that this version of the service knows")


def track_of_points(points: PointColumns, system: CoordinateSystem) -> Track:
    """Return points in `system` as a WGS-84 track. Phones write an accuracy of 0 where they know none."""
    converted = converted_points(points, source=system, target=CoordinateSystem.WGS84)
    return Track(
        time_ms=converted.time_ms,
        latitude_degrees=converted.latitude_degrees,
        longitude_degrees=converted.longitude_degrees,
        accuracy_m=np.where(converted.accuracy_m > 0.0, converted.accuracy_m, np.nan),
        speed_mps=converted.speed_mps,
        bearing_degrees=converted.bearing_degrees,
    )


def refuse_swapped(opened: OpenNetwork, track: Track, source: GivenTrack | TrackName) -> None:
    """Refuse a track whose latitudes and longitudes are mixed up: else it would read as a day far off every road.

    Parameters
    ----------
    opened
        The network that the track is to be laid on.
    track
        The track.
    source
        Where it came from.

    Raises
    ------
    InvalidRequestError
        Where not one point lies within the network's bounds, but most would with their coordinates swapped.
    """
    nodes = opened.network.node_latitude_degrees, opened.network.node_longitude_degrees
    given = track.latitude_degrees, track.longitude_degrees
    if not _within(given, nodes).any() and _within(given[::-1], nodes).mean() > MOST:
        path = "points" if isinstance(source, GivenTrack) else "stored_track"
        description = f"latitude and longitude look swapped (road network {opened.id!r})"
        raise InvalidRequestError((FieldViolation(path, ViolationCode.COORDINATES_SWAPPED, description),))


def declaring_field(source: GivenTrack | TrackName) -> str:
    """Path of the request field that says in which coordinate system the points of a track are.

    Parameters
    ----------
    source
        Where the track came from.

    Returns
    -------
    str
        For a stored track that of its name: its points declared their system when they were recorded.
    """
    return "coordinate_system" if isinstance(source, GivenTrack) else "stored_track"


def track_doubts(
    opened: OpenNetwork, fetched: FetchedTrack, path: str, *, roads_path: str = "road_network"
) -> tuple[Notice, ...]:
    """Say so where a track fits the roads clearly better in another coordinate system, or leaves their map.

    Parameters
    ----------
    opened
        The network that the track is to be laid on.
    fetched
        The track.
    path, roads_path
        Paths of the fields that declare the coordinate system and name the road network.

    Returns
    -------
    tuple[Notice, ...]
        At most one of each.
    """
    track = fetched.track
    recorded = convert(
        track.latitude_degrees, track.longitude_degrees, source=CoordinateSystem.WGS84, target=fetched.declared
    )
    doubts = position_doubts(opened, *recorded, declared=fetched.declared, path=path)
    return (*doubts, *_beyond_the_map(opened, track, roads_path))


def _beyond_the_map(opened: OpenNetwork, track: Track, path: str) -> Iterator[Notice]:
    """Yield a notice where a track leaves the map: nobody should take the missing roads for a drive across fields."""
    places = track.latitude_degrees, track.longitude_degrees
    is_place = np.isfinite(places).all(axis=0)
    nodes = opened.network.node_latitude_degrees, opened.network.node_longitude_degrees
    count = int(is_place.sum())
    outside = int((is_place & ~_within(places, nodes, margin_degrees=MAP_MARGIN_DEGREES)).sum())
    if outside > LEAST_OUTSIDE * count:
        text = (
            f"{outside:,} of {count:,} points lie beyond the map of road network {opened.id!r}: the way there is "
            "measured off the roads; import a map that covers it"
        )
        yield Notice(NoticeCode.OUTSIDE_ROAD_NETWORK, path, text)


def _within(
    places: tuple[NDArray[np.float64], ...], nodes: tuple[NDArray[np.float64], ...], *, margin_degrees: float = 0.0
) -> NDArray[np.bool_]:
    """Whether each place lies within the bounds of the nodes."""
    inside = np.ones(len(places[0]), np.bool_)
    for values, bounds in zip(places, nodes, strict=True):
        inside &= (values >= bounds.min() - margin_degrees) & (values <= bounds.max() + margin_degrees)
    return inside
