"""A departure time decides which roads are open: RoadNetworkService on a street that is closed in the morning."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from odograph import v1

from server.settings import Settings
from tests.server.conftest import import_and_wait
from tests.server.town import crossing, write_town

WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84
HELSINKI = ZoneInfo("Europe/Helsinki")


def _write_school_street(path: Path) -> None:
    """Write the town with Street 2 closed to motor vehicles on school mornings."""
    write_town(path)
    name = '<tag k="name" v="Street 2"/>'
    closed = '<tag k="motor_vehicle:conditional" v="no @ (Mo-Fr 07:00-09:00)"/>'
    path.write_text(path.read_text(encoding="utf-8").replace(name, name + closed), encoding="utf-8")


def _departure(hour: int, day: int = 2, *, holiday: bool = False) -> v1.Departure:
    """An hour in Helsinki; the second of March 2026 is a Monday."""
    time = Timestamp()
    time.FromDatetime(datetime(2026, 3, day, hour, tzinfo=HELSINKI))
    return v1.Departure(time=time, time_zone="Europe/Helsinki", is_public_holiday=holiday)


async def test_a_street_that_is_closed_in_the_morning(channel: grpc.aio.Channel, settings: Settings) -> None:
    """The way along it is straight at noon, on Sundays and without a departure, and a detour on a Monday at eight."""
    _write_school_street(settings.map_folder / "school.osm")
    await import_and_wait(channel, "school.osm", "car")
    stub = v1.RoadNetworkServiceStub(channel)
    ends = [
        v1.Position(latitude_degrees=latitude, longitude_degrees=longitude)
        for latitude, longitude in (crossing(0, 2), crossing(2, 2))
    ]
    straight_m, detour_m = 2 * 223, 4 * 223
    for departure, expected_m in (
        (None, straight_m),
        (_departure(12), straight_m),
        (_departure(8, day=1), straight_m),
        (_departure(8), detour_m),
        (_departure(7), detour_m),
    ):
        route = await stub.ComputeRoute(
            v1.ComputeRouteRequest(
                road_network="school-car", coordinate_system=WGS84, waypoints=ends, departure=departure
            )
        )
        matrix = await stub.ComputeTravelMatrix(
            v1.ComputeTravelMatrixRequest(
                road_network="school-car", coordinate_system=WGS84, origins=ends, departure=departure
            )
        )
        assert route.distance_meters == pytest.approx(expected_m, rel=0.01)
        assert matrix.distance_centimeters[1] == round(route.distance_meters * 100)
