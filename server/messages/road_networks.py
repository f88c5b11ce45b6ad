"""Road networks, and what is computed on them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from odograph import v1

from server.messages.coordinates import declared_system, place_of_position
from server.messages.notices import notice_messages
from server.messages.plans import polyline
from server.messages.times import duration_of_s, timestamp_of_ms
from server.storage.records import RoadNetworkRecord
from server.use_cases.compute_matrix import MatrixAnswer
from server.use_cases.compute_route import RouteAnswer
from server.use_cases.import_network import ImportRequest
from server.use_cases.places_request import PlacesRequest
from server.use_cases.planning_request import DEFAULT_SNAP_DISTANCE_M, Place
from server.use_cases.road_answers import LegAnswer, SnappedPlaces


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
    )


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
