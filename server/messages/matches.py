"""Matches: a track laid on roads."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from odograph import v1

from geo.coordinates import CoordinateSystem
from geo.matching.forbidden_passages import ForbiddenKind, ForbiddenPassage, forbidden_passages
from geo.matching.match import DropReason, Match, MatchSegment, PointState, SegmentKind
from geo.matching.matched_geometry import path_line
from geo.roads.edge_shapes import nodes_along, nodes_around
from geo.roads.network import RoadNetwork
from server.messages.coordinates import value_of_system
from server.messages.mileages import mileage_message
from server.messages.notices import notice_messages
from server.messages.plans import polyline
from server.messages.times import timestamp_of_ms
from server.use_cases.match_track import MatchAnswer
from server.use_cases.road_answers import edge_coordinates

CENTIMETRES = 100.0
_OF_ROADS = frozenset({ForbiddenKind.AGAINST_ONE_WAY, ForbiddenKind.NO_ACCESS})

_STATES = np.array([v1.PointState.Value(f"POINT_STATE_{state.name}") for state in PointState])
_REASONS = np.array(
    [
        v1.DropReason.DROP_REASON_UNSPECIFIED
        if reason is DropReason.NONE
        else v1.DropReason.Value(f"DROP_REASON_{reason.name}")
        for reason in DropReason
    ]
)


def match_message(answer: MatchAnswer, *, label: str = "") -> v1.Match:
    """Write a match, in WGS-84."""
    network, match = answer.opened.network, answer.match
    message = v1.Match(
        label=label,
        road_network=answer.opened.id,
        network_fingerprint=network.fingerprint,
        coordinate_system=value_of_system(CoordinateSystem.WGS84),
        points=_points(network, match),
        segments=[_segment(network, segment) for segment in match.segments],
        matched_distance_meters=_length_m(match, SegmentKind.MATCHED),
        off_road_distance_meters=_length_m(match, SegmentKind.OFF_ROAD),
        gap_count=sum(1 for segment in match.segments if segment.kind is SegmentKind.GAP),
        notices=notice_messages(answer.notices),
    )
    for number, segment in enumerate(match.segments):
        for passage in forbidden_passages(network, segment, answer.zone):
            message.forbidden_passages.append(_passage(network, segment, number, passage))
            if passage.kind in _OF_ROADS:
                message.segments[number].forbidden_piece_count += passage.last - passage.first + 1
    if answer.mileage is not None:
        message.mileage.CopyFrom(mileage_message(answer.mileage))
    return message


def _points(network: RoadNetwork, match: Match) -> v1.MatchedPoints:
    latitude, longitude = edge_coordinates(network, match.point_edge, match.point_fraction)
    way_ids = np.where(match.point_edge >= 0, network.edge_way_id[match.point_edge], 0)
    offset_m = match.point_fraction * network.edge_length_cm[match.point_edge] / CENTIMETRES
    nodes_before, nodes_ahead = nodes_around(network, match.point_edge, match.point_fraction)
    return v1.MatchedPoints(
        states=_STATES[match.point_state].tolist(),
        drop_reasons=_REASONS[match.point_drop_reason].tolist(),
        osm_way_ids=way_ids.tolist(),
        latitude_degrees=latitude.tolist(),
        longitude_degrees=longitude.tolist(),
        distance_meters=match.point_distance_m.tolist(),
        edges=match.point_edge.tolist(),
        edge_offset_meters=offset_m.tolist(),
        osm_from_node_ids=nodes_before.tolist(),
        osm_to_node_ids=nodes_ahead.tolist(),
    )


def _segment(network: RoadNetwork, segment: MatchSegment) -> v1.MatchSegment:
    message = v1.MatchSegment(
        kind=v1.MatchSegment.Kind.Value(f"KIND_{segment.kind.name}"),
        start_time=timestamp_of_ms(segment.start_ms),
        end_time=timestamp_of_ms(segment.end_ms),
        first_point=segment.first_point,
        last_point=segment.last_point,
        distance_meters=None if math.isnan(segment.length_m) else segment.length_m,
        confidence=None if math.isnan(segment.confidence) else segment.confidence,
    )
    if segment.kind is SegmentKind.MATCHED:
        line = path_line(network, segment)
        message.path.CopyFrom(polyline(*line.points.T))
        message.path_unix_milliseconds.extend(line.time_ms.tolist())
        message.osm_way_ids.extend(_without_repetition(network.edge_way_id[segment.edges]))
        nodes = nodes_along(network, segment.edges, segment.edge_from_fraction, segment.edge_to_fraction)
        message.osm_node_ids.extend(nodes.tolist())
    return message


def _passage(
    network: RoadNetwork, segment: MatchSegment, number: int, passage: ForbiddenPassage
) -> v1.ForbiddenPassage:
    way_ids = network.edge_way_id[segment.edges[passage.first : passage.last + 1]]
    return v1.ForbiddenPassage(
        kind=v1.ForbiddenPassage.Kind.Value(f"KIND_{passage.kind.name}"),
        segment=number,
        start_time=timestamp_of_ms(passage.start_ms),
        end_time=timestamp_of_ms(passage.end_ms),
        distance_meters=passage.length_m,
        osm_way_ids=_without_repetition(way_ids),
        osm_node_id=int(network.node_osm_id[passage.node]),
    )


def _without_repetition(way_ids: NDArray[np.int64]) -> list[int]:
    """Ids of the roads of a path, none twice in a row."""
    is_new = np.append(True, way_ids[1:] != way_ids[:-1])
    ids: list[int] = way_ids[is_new].tolist()
    return ids


def _length_m(match: Match, kind: SegmentKind) -> float:
    return sum(segment.length_m for segment in match.segments if segment.kind is kind)
