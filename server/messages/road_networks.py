"""Road networks, and what is computed on them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from google.protobuf.duration_pb2 import Duration
from odograph import v1

from geo.roads.import_findings import explanation_of
from geo.roads.snapping import SnapState
from server.messages.coordinates import declared_system, place_of_position
from server.messages.departures import departure_of_message
from server.messages.notices import notice_messages
from server.messages.plans import polyline
from server.messages.times import duration_of_s, s_of_duration, timestamp_of_ms
from server.storage.records import RoadNetworkRecord
from server.use_cases.compute_matrix import MatrixAnswer
from server.use_cases.compute_route import RouteAnswer
from server.use_cases.import_network import ImportRequest
from server.use_cases.known_travel import PairOverride
from server.use_cases.places_request import PlacesRequest
from server.use_cases.planning_request import DEFAULT_SNAP_DISTANCE_M, Place
from server.use_cases.road_answers import LegAnswer, SnappedPlaces
from server.use_cases.snap_positions import SnapAnswer

_SNAP_STATES = {
    SnapState.ON_ROAD: v1.SnappedPosition.STATE_ON_ROAD,
    SnapState.ISLAND_AVOIDED: v1.SnappedPosition.STATE_ISLAND_AVOIDED,
    SnapState.ON_ISLAND: v1.SnappedPosition.STATE_ON_ISLAND,
    SnapState.NO_ROAD: v1.SnappedPosition.STATE_NO_ROAD,
}
MOST_CENTIMETRES = MOST_MILLISECONDS = 1 << 40
"""What is longer breaks the rule for distances, or durations, all the same."""


def road_network_message(record: RoadNetworkRecord) -> v1.RoadNetwork:
    """Write a road network."""
    return v1.RoadNetwork(
        id=record.id,
        profile=record.profile,
        fingerprint=record.fingerprint,
        source=record.source,
        import_time=timestamp_of_ms(record.import_ms),
        node_count=record.node_count,
        edge_count=record.edge_count,
        road_length_meters=record.road_length_m,
        bounds=v1.BoundingBox(
            south_degrees=record.south_degrees,
            west_degrees=record.west_degrees,
            north_degrees=record.north_degrees,
            east_degrees=record.east_degrees,
        ),
        import_findings=[
            v1.ImportFinding(kind=kind, count=count, explanation=explanation_of(kind))
            for kind, count in json.loads(record.import_counts).items()
            if count
        ],
    )


def import_request_of_message(request: v1.ImportRoadNetworkRequest) -> ImportRequest:
    """Read which map file is to be imported."""
    return ImportRequest(Path(request.source_file), request.profile, request.road_network_id, request.label)


def places_of_positions(positions: Iterable[v1.Position]) -> tuple[Place, ...]:
    """Read positions."""
    return tuple(place_of_position(position) for position in positions)


def snap_request_of_message(request: v1.SnapPositionsRequest) -> PlacesRequest:
    """Read which positions are to be laid on roads."""
    has_limit = request.HasField("max_distance_meters")
    return PlacesRequest(
        road_network=request.road_network,
        coordinate_system=declared_system(request.coordinate_system),
        places=places_of_positions(request.positions),
        max_snap_distance_m=request.max_distance_meters if has_limit else DEFAULT_SNAP_DISTANCE_M,
    )


def places_request_of_message(
    request: v1.ComputeRouteRequest | v1.ComputeTravelMatrixRequest, positions: Iterable[v1.Position]
) -> PlacesRequest:
    """Read what is to be computed with which positions of the request."""
    has_limit = request.HasField("max_snap_distance_meters")
    return PlacesRequest(
        road_network=request.road_network,
        coordinate_system=declared_system(request.coordinate_system),
        places=places_of_positions(positions),
        max_snap_distance_m=request.max_snap_distance_meters if has_limit else DEFAULT_SNAP_DISTANCE_M,
        departure=departure_of_message(request.departure) if request.HasField("departure") else None,
    )


def matrix_request_of_message(
    request: v1.ComputeTravelMatrixRequest,
) -> tuple[PlacesRequest, tuple[Place, ...], tuple[PairOverride, ...]]:
    """Read the origins with what else is asked, the destinations, and which entries the caller knows better."""
    wanted = places_request_of_message(request, request.origins)
    return wanted, places_of_positions(request.destinations), _overrides(request)


def _overrides(request: v1.ComputeTravelMatrixRequest) -> tuple[PairOverride, ...]:
    return tuple(
        PairOverride(
            origin=pair.origin,
            destination=pair.destination,
            duration_ms=_milliseconds(pair.known.duration) if pair.known.HasField("duration") else None,
            length_cm=_centimetres(pair.known.distance_meters) if pair.known.HasField("distance_meters") else None,
            is_unreachable=pair.unreachable,
        )
        for pair in request.overrides
    )


def _milliseconds(duration: Duration) -> int:
    """Read a duration; any negative one breaks the same rule."""
    duration_s = s_of_duration(duration)
    return round(min(duration_s * 1000, MOST_MILLISECONDS)) if duration_s >= 0 else -2


def _centimetres(distance_m: float) -> int:
    """Read a distance; one that is no number breaks the same rule as a negative one."""
    return round(min(distance_m * 100, MOST_CENTIMETRES)) if distance_m >= 0 else -2


def snapped_messages(places: SnappedPlaces) -> list[v1.SnappedPosition]:
    """Write places on roads, in WGS-84."""
    return [
        v1.SnappedPosition(
            position=v1.Position(
                latitude_degrees=places.latitude_degrees[index], longitude_degrees=places.longitude_degrees[index]
            ),
            distance_meters=float(places.positions.distance_m[index]),
            road_name=places.road_names[index],
            osm_way_id=places.osm_way_ids[index],
            component=int(places.positions.component[index]),
        )
        if places.positions.edge[index] >= 0
        else v1.SnappedPosition(component=-1)
        for index in range(len(places.positions))
    ]


def snap_message(answer: SnapAnswer, *, label: str) -> v1.SnapPositionsResponse:
    """Write positions on roads with what was found out about each, in WGS-84."""
    messages = snapped_messages(answer.places)
    routable = snapped_messages(answer.nearest_routable)
    for index, message in enumerate(messages):
        state = SnapState(answer.state[index])
        message.state = _SNAP_STATES[state]
        if state in (SnapState.ON_ISLAND, SnapState.NO_ROAD) and routable[index].HasField("position"):
            message.nearest_routable_position.CopyFrom(routable[index].position)
            message.nearest_routable_distance_meters = routable[index].distance_meters
    return v1.SnapPositionsResponse(
        positions=messages,
        network_fingerprint=answer.network_fingerprint,
        label=label,
        notices=notice_messages(answer.notices),
    )


def route_message(answer: RouteAnswer, *, label: str) -> v1.ComputeRouteResponse:
    """Write a computed route, in WGS-84."""
    return v1.ComputeRouteResponse(
        legs=[_leg_message(leg) for leg in answer.legs],
        waypoints=snapped_messages(answer.waypoints),
        duration=duration_of_s(sum(leg.duration_ms for leg in answer.legs) / 1000),
        distance_meters=sum(leg.length_cm for leg in answer.legs) / 100,
        network_fingerprint=answer.network_fingerprint,
        label=label,
        notices=notice_messages(answer.notices),
    )


def matrix_message(answer: MatrixAnswer, *, label: str) -> v1.ComputeTravelMatrixResponse:
    """Write a travel matrix, row by row."""
    origin_count, destination_count = answer.matrix.duration_ms.shape
    return v1.ComputeTravelMatrixResponse(
        origin_count=origin_count,
        destination_count=destination_count,
        duration_milliseconds=np.ravel(answer.matrix.duration_ms).tolist(),
        distance_centimeters=np.ravel(answer.matrix.length_cm).tolist(),
        network_fingerprint=answer.network_fingerprint,
        label=label,
        notices=notice_messages(answer.notices),
    )


def _leg_message(leg: LegAnswer) -> v1.RouteLeg:
    return v1.RouteLeg(
        duration=duration_of_s(leg.duration_ms / 1000),
        distance_meters=leg.length_cm / 100,
        path=polyline(leg.latitude_degrees, leg.longitude_degrees),
        road_names=leg.road_names,
    )
