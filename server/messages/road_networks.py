"""Road networks."""

from __future__ import annotations

from odograph import v1

from server.messages.times import timestamp_of_ms
from server.storage.records import RoadNetworkRecord


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
