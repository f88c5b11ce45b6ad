"""Measured tracks for people and other programs: a table, JSON, CSV, GeoJSON and a report with a map."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import numpy as np
from google.protobuf.json_format import MessageToDict
from rich.console import Group, RenderableType
from rich.table import Table

from geo.audit.track_audit import Mileage
from geo.matching.match import DropReason, PointState
from geo.matching.matched_geometry import segment_line
from geo.roads.edge_shapes import nodes_around
from server.cli.match_pool import MeasuredTrack
from server.cli.mileage_tables import interval, leg_table, road_class_table
from server.cli.output_files import csv_text, geojson_text, line_feature
from server.compute.open_networks import OpenNetwork
from server.messages.matches import CENTIMETRES, match_message
from server.reports.audited_day import ShownTrack, tracks_report
from server.reports.forbidden_rows import ForbiddenRow, forbidden_rows
from server.reports.html_report import html_report
from server.reports.wording import kilometres
from server.use_cases.match_track import MatchAnswer
from server.use_cases.road_answers import edge_coordinates

_POINT_COLUMNS = (
    "track",
    "point",
    "time_ms",
    "state",
    "drop_reason",
    "osm_way_id",
    "osm_from_node_id",
    "osm_to_node_id",
    "edge",
    "edge_offset_m",
    "matched_latitude_degrees",
    "matched_longitude_degrees",
    "distance_m",
)


def match_json(tracks: Sequence[MeasuredTrack], opened: OpenNetwork, zone: ZoneInfo) -> str:
    """Write the messages of the API, each with its mileage inside.

    Parameters
    ----------
    tracks, opened
        The tracks, and the roads that they were laid on.
    zone
        Time zone of the roads.

    Returns
    -------
    str
        ``{"matches": [...]}``, in the order of the tracks.
    """
    answers = (
        MatchAnswer(opened, each.track, each.audit.match, each.audit.mileage, each.notices, zone) for each in tracks
    )
    messages = (match_message(answer, label=each.name) for each, answer in zip(tracks, answers, strict=True))
    matches = [MessageToDict(message, preserving_proto_field_name=True) for message in messages]
    return json.dumps({"matches": matches}, ensure_ascii=False, indent=2)


def match_csv(tracks: Sequence[MeasuredTrack], opened: OpenNetwork) -> str:
    """Write one row per recorded point.

    Parameters
    ----------
    tracks, opened
        The tracks, and the roads that they were laid on.

    Returns
    -------
    str
        A CSV file.
    """
    return csv_text(_POINT_COLUMNS, (row for each in tracks for row in _point_rows(each, opened)))


def match_geojson(tracks: Sequence[MeasuredTrack], opened: OpenNetwork) -> str:
    """Write one line per part of a track.

    Parameters
    ----------
    tracks, opened
        The tracks, and the roads that they were laid on.

    Returns
    -------
    str
        A GeoJSON document.
    """
    return geojson_text(feature for each in tracks for feature in _features(each, opened))


def match_html(tracks: Sequence[MeasuredTrack], opened: OpenNetwork, zone: ZoneInfo) -> str:
    """Write a report with a map of each track.

    Parameters
    ----------
    tracks, opened
        The tracks, and the roads that they were laid on.
    zone
        Where its clocks are read.

    Returns
    -------
    str
        One HTML file that opens without internet.
    """
    shown = [
        ShownTrack(each.name, each.track, each.audit, tuple(notice.description for notice in each.notices))
        for each in tracks
    ]
    return html_report(tracks_report(shown, opened, time_zone=zone.key))


def match_table(tracks: Sequence[MeasuredTrack], opened: OpenNetwork, zone: ZoneInfo) -> RenderableType:
    """Lay the mileages out for a terminal.

    Parameters
    ----------
    tracks, opened
        The tracks, and the roads that they were laid on.
    zone
        Where clocks are read.

    Returns
    -------
    RenderableType
        One line per track, and their sum; of a single track also its legs, its classes of road, and what it did that
        the map forbids; below what should be looked at.
    """
    table = Table("track", box=None, pad_edge=False, header_style="bold")
    for column in ("points", "not believed", "driven", "95 % interval", "on roads", "gaps", "off road", "raw chords"):
        table.add_column(column, justify="right")
    for each in tracks:
        cells = _mileage_cells(each.audit.mileage)
        table.add_row(each.name, f"{len(each.track):,}", f"{_dropped_count(each):,}", *cells)
    notes = [f"note: {each.name}, {notice.field}: {notice.description}" for each in tracks for notice in each.notices]
    unknown = [
        f"note: {each.name}: no distance can be told: it takes at least two believable points"
        for each in tracks
        if math.isnan(each.audit.mileage.total_m)
    ]
    parts: list[RenderableType] = []
    if len(tracks) == 1:
        mileage = tracks[0].audit.mileage
        parts += ["", leg_table(mileage.legs, zone)] if len(mileage.legs) > 1 else []
        parts += ["", road_class_table(mileage.by_road_class_m)] if mileage.by_road_class_m else []
        forbidden = forbidden_rows(opened.network, tracks[0].audit.match, zone)
        parts += ["", _forbidden_table(forbidden)] if forbidden else []
    else:
        table.add_section()
        table.add_row(*_total_cells(tracks))
    return Group(table, *parts, *notes, *unknown)


def _total_cells(tracks: Sequence[MeasuredTrack]) -> tuple[str, ...]:
    """Add up what is known; the intervals of tracks do not add up."""
    mileages = [each.audit.mileage for each in tracks if not math.isnan(each.audit.mileage.total_m)]
    return (
        f"{len(tracks):,} tracks",
        f"{sum(len(each.track) for each in tracks):,}",
        f"{sum(_dropped_count(each) for each in tracks):,}",
        kilometres(sum(mileage.total_m for mileage in mileages)),
        "",
        kilometres(sum(mileage.matched_m for mileage in mileages)),
        f"{kilometres(sum(mileage.gap_m for mileage in mileages))} in {sum(len(one.gaps) for one in mileages)}",
        kilometres(sum(mileage.off_road_m for mileage in mileages)),
        kilometres(sum(mileage.raw_chords_m for mileage in mileages)),
    )


def _dropped_count(each: MeasuredTrack) -> int:
    return int((each.audit.match.point_state == PointState.DROPPED).sum())


def _forbidden_table(rows: Sequence[ForbiddenRow]) -> Table:
    table = Table("the map forbids", box=None, pad_edge=False, header_style="bold")
    for column in ("length", "what", "where"):
        table.add_column(column, justify="right" if column == "length" else "left")
    for row in rows:
        table.add_row(row.time, row.length, row.what, row.where)
    return table


def _mileage_cells(mileage: Mileage) -> tuple[str, ...]:
    """Write a mileage for a terminal; nothing of one that is not known."""
    if math.isnan(mileage.total_m):
        return ("—",)
    return (
        kilometres(mileage.total_m),
        interval(mileage.low_m, mileage.high_m),
        kilometres(mileage.matched_m),
        f"{kilometres(mileage.gap_m)} in {len(mileage.gaps)}",
        kilometres(mileage.off_road_m),
        kilometres(mileage.raw_chords_m),
    )


def _point_rows(each: MeasuredTrack, opened: OpenNetwork) -> Iterator[tuple[object, ...]]:
    match, network = each.audit.match, opened.network
    latitude, longitude = edge_coordinates(network, match.point_edge, match.point_fraction)
    nodes = np.column_stack(nodes_around(network, match.point_edge, match.point_fraction)).tolist()
    for point, time_ms in enumerate(each.track.time_ms.tolist()):
        edge = int(match.point_edge[point])
        state = PointState(match.point_state[point]).name.lower()
        reason = DropReason(match.point_drop_reason[point])
        row = (each.name, point, time_ms, state, reason.name.lower() if reason else "")
        if edge < 0:
            yield (*row, *(None,) * (len(_POINT_COLUMNS) - len(row)))
        else:
            place = f"{latitude[point]:.7f}", f"{longitude[point]:.7f}", f"{match.point_distance_m[point]:.1f}"
            offset_m = float(match.point_fraction[point]) * int(network.edge_length_cm[edge]) / CENTIMETRES
            yield (*row, int(network.edge_way_id[edge]), *nodes[point], edge, f"{offset_m:.1f}", *place)


def _features(each: MeasuredTrack, opened: OpenNetwork) -> Iterator[dict[str, object]]:
    match = each.audit.match
    for segment in match.segments:
        line = segment_line(opened.network, each.track, match, segment)
        if len(line.points) > 1:
            properties = {
                "track": each.name,
                "kind": segment.kind.name.lower(),
                "start_ms": segment.start_ms,
                "end_ms": segment.end_ms,
                "length_m": None if math.isnan(segment.length_m) else round(segment.length_m, 1),
                "confidence": None if math.isnan(segment.confidence) else round(segment.confidence, 3),
                "times": line.time_ms.tolist(),
            }
            yield line_feature(line.points, properties)
