"""One worker's map: the planned route, the driven line, deviations, stays and visits on the plane of the report."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import h3
import numpy as np

from geo.audit.track_audit import TrackAudit, VisitEvidence
from geo.matching.forbidden_passages import forbidden_passages
from geo.matching.match import PointState
from geo.matching.matched_geometry import path_corners
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track
from server.reports.day_report import WorkerDay
from server.reports.driven_lines import TimedLine, driven_lines
from server.reports.local_plane import FloatArray, Frame, LocalPlane, path_text
from server.reports.wording import VERDICTS

_MARGIN_M = 120.0
_LEAST_FRAME_M = 600.0


@dataclass(frozen=True)
class MapPin:
    """A visit, or a stay that nobody planned.

    Parameters
    ----------
    key
        Joins the pin to its row in the table and its bar on the timeline.
    x, y
        Metres on the plane.
    text
        Position in the plan, or the verdict's mark.
    style
        Style of the verdict; ``planned`` where there is none.
    label
        For people who point at it or hear it.
    """

    key: str
    x: float
    y: float
    text: str
    style: str
    label: str


@dataclass(frozen=True)
class MapStay:
    """A place where the track stood still: centre and radius in metres."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class DayMap:
    """What is drawn above the roads.

    Parameters
    ----------
    frame
        What is in sight at first.
    corridor, planned
        SVG path data.
    driven
        Kind of the segment (``matched``, ``gap``, ``off_road``) and its SVG path data, in order of time.
    deviations
        SVG path data, one per deviation; empty where it has no line.
    raw_points, dropped_points
        SVG path data that marks each believed point, and each one that is not believed.
    forbidden
        SVG path data of what was driven although the map forbids it.
    stays, pins
        Where the worker stood still; the visits.
    ends
        Where the route starts and ends.
    way
        For playing the day back: the lines with their times.
    """

    frame: Frame
    corridor: str
    planned: str
    driven: tuple[tuple[str, str], ...]
    deviations: tuple[str, ...]
    raw_points: str
    dropped_points: str
    forbidden: str
    stays: tuple[MapStay, ...]
    pins: tuple[MapPin, ...]
    ends: FloatArray
    way: tuple[TimedLine, ...]


def visit_key(day_key: str, position: int) -> str:
    """Name a line of the visit table, for links between map, timeline and table.

    Parameters
    ----------
    day_key, position
        Key of the worker's day, and the line's position in the table, from 0.

    Returns
    -------
    str
        Unique in the report.
    """
    return f"{day_key}-visit-{position}"


def draw_day(day: WorkerDay, plane: LocalPlane, zone: ZoneInfo, *, day_key: str) -> DayMap:
    """Draw one worker's day.

    Parameters
    ----------
    day
        The worker's day.
    plane
        Where to draw.
    zone
        Where clocks are read.
    day_key
        Key of the day in the report.

    Returns
    -------
    DayMap
        Everything above the roads.
    """
    legs = [plane.points(leg.latitude_degrees, leg.longitude_degrees) for leg in day.route.legs]
    planned = np.vstack([np.empty((0, 2)), *legs])
    ends = planned[[0, -1]] if len(planned) else planned
    pins = _planned_pins(day, plane, day_key)
    if day.audit is None or day.track is None:
        frame = Frame.around(np.vstack([planned, _places(pins)]), margin_m=_MARGIN_M, least_m=_LEAST_FRAME_M)
        return DayMap(frame, "", path_text(planned), (), (), "", "", "", (), pins, ends, ())
    lines = driven_lines(day.network, day.track, day.audit.match, plane)
    pins = _audited_pins(day.audit, pins, plane, day_key)
    stays = _stays(day.audit, plane)
    standing = np.array([(stay.x, stay.y) for stay in stays]).reshape(-1, 2)
    seen = np.vstack([planned, _places(pins), standing, *(line.points for line in lines)])
    if not len(seen):
        seen = _believed(day.track, day.audit, plane)
    return DayMap(
        frame=Frame.around(seen, margin_m=_MARGIN_M, least_m=_LEAST_FRAME_M),
        corridor=_corridor_text(day.audit, plane),
        planned=path_text(planned),
        driven=tuple((line.kind.name.lower(), path_text(line.points)) for line in lines),
        deviations=tuple(
            "".join(path_text(line.between(deviation.start_ms, deviation.end_ms)) for line in lines)
            for deviation in day.audit.deviations
        ),
        raw_points=_point_marks(_believed(day.track, day.audit, plane)),
        dropped_points=_point_marks(_dropped(day.track, day.audit, plane)),
        forbidden=_forbidden_text(day.network, day.audit, plane, zone),
        stays=stays,
        pins=pins,
        ends=ends,
        way=lines,
    )


def _planned_pins(day: WorkerDay, plane: LocalPlane, day_key: str) -> tuple[MapPin, ...]:
    pins = []
    for index, stop in enumerate(day.route.stops):
        ((x, y),) = plane.points([stop.position.latitude_degrees], [stop.position.longitude_degrees])
        label = stop.visit_label or stop.visit_id
        pins.append(MapPin(visit_key(day_key, index), x, y, str(index + 1), "planned", label))
    return tuple(pins)


def _audited_pins(
    audit: TrackAudit, planned: tuple[MapPin, ...], plane: LocalPlane, day_key: str
) -> tuple[MapPin, ...]:
    """Give each pin its verdict, and each stay that nobody planned a pin."""
    pins = []
    for line, visit in enumerate(audit.visits):
        words = VERDICTS[visit.verdict]
        if visit.planned_position is not None:
            pin = planned[visit.planned_position]
            label = f"{pin.text}. {pin.label}: {words.label}"
            pins.append(MapPin(visit_key(day_key, line), pin.x, pin.y, pin.text, words.style, label))
        elif visit.stay is not None:
            (x, y) = _stay_place(visit, plane)
            pins.append(MapPin(visit_key(day_key, line), x, y, words.mark, words.style, words.label))
    return tuple(pins)


def _stay_place(visit: VisitEvidence, plane: LocalPlane) -> tuple[float, float]:
    stay = visit.stay
    if stay is None:
        return (0.0, 0.0)
    ((x, y),) = plane.points([stay.latitude_degrees], [stay.longitude_degrees])
    return (float(x), float(y))


def _places(pins: tuple[MapPin, ...]) -> FloatArray:
    return np.array([[pin.x, pin.y] for pin in pins]).reshape(-1, 2)


def _stays(audit: TrackAudit, plane: LocalPlane) -> tuple[MapStay, ...]:
    centres = plane.points(
        [stay.latitude_degrees for stay in audit.stays], [stay.longitude_degrees for stay in audit.stays]
    )
    return tuple(
        MapStay(round(x, 1), round(y, 1), round(stay.radius_m, 1))
        for (x, y), stay in zip(centres.tolist(), audit.stays, strict=True)
    )


def _corridor_text(audit: TrackAudit, plane: LocalPlane) -> str:
    """Outline the corridor's cells as few polygons instead of many hexagons."""
    if not len(audit.corridor_cells):
        return ""
    shape = h3.cells_to_h3shape([h3.int_to_str(int(cell)) for cell in audit.corridor_cells], tight=False)
    rings = [ring for polygon in shape for ring in (polygon.outer, *polygon.holes)]
    return "".join(path_text(plane.points(*np.array(ring).T), close=True) for ring in rings)


def _believed(track: Track, audit: TrackAudit, plane: LocalPlane) -> FloatArray:
    kept = audit.match.point_state != PointState.DROPPED
    return plane.points(track.latitude_degrees[kept], track.longitude_degrees[kept])


def _dropped(track: Track, audit: TrackAudit, plane: LocalPlane) -> FloatArray:
    """Places of points that are not believed, those that have one."""
    is_dropped = audit.match.point_state == PointState.DROPPED
    points = plane.points(track.latitude_degrees[is_dropped], track.longitude_degrees[is_dropped])
    return points[np.isfinite(points).all(axis=1)]


def _forbidden_text(network: RoadNetwork, audit: TrackAudit, plane: LocalPlane, zone: ZoneInfo) -> str:
    """Draw forbidden roads as lines and forbidden turns and barriers as dots."""
    texts = []
    for segment in audit.match.segments:
        for passage in forbidden_passages(network, segment, zone):
            own = slice(passage.first, passage.last + 1)
            ends = segment.edge_from_fraction[own], segment.edge_to_fraction[own]
            corners = path_corners(network, segment.edges[own], *ends)
            node = network.node_latitude_degrees[[passage.node]], network.node_longitude_degrees[[passage.node]]
            is_road = passage.length_m > 0.0
            line = plane.points(corners.latitude_degrees, corners.longitude_degrees)
            texts.append(path_text(line) if is_road else _point_marks(plane.points(*node)))
    return "".join(texts)


def _point_marks(points: FloatArray) -> str:
    """Mark each point by a line of no length, which round line ends turn into a dot."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points.tolist())
