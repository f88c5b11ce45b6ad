"""Imports that fail leave nothing behind, and an id belongs to one map for ever."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from odograph import v1

from geo.roads.network_file import open_network
from server.settings import Settings
from tests.server.conftest import import_and_wait
from tests.server.town import write_town


@pytest.mark.parametrize("content", [b"", b"not a map", b'<?xml version="1.0"?><osm version="0.6"><node id="1"'])
async def test_a_file_that_is_no_map_fails_its_operation_and_leaves_nothing(
    channel: grpc.aio.Channel, settings: Settings, content: bytes
) -> None:
    """An empty, a foreign and a truncated file each fail with the field, and no network is there afterwards."""
    settings.map_folder.mkdir(parents=True)
    (settings.map_folder / "bad.osm").write_bytes(content)
    operation = await import_and_wait(channel, "bad.osm", "car")
    assert operation.state == v1.Operation.STATE_FAILED
    assert operation.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert [violation.field for violation in operation.error.violations] == ["source_file"]
    listed = await v1.RoadNetworkServiceStub(channel).ListRoadNetworks(v1.ListRoadNetworksRequest())
    assert not listed.road_networks
    assert not list(settings.network_folder.glob("*"))


async def test_an_id_belongs_to_one_map(channel: grpc.aio.Channel, settings: Settings) -> None:
    """Importing another map under a taken id fails; importing the same map again succeeds."""
    write_town(settings.map_folder / "town.osm")
    first = await import_and_wait(channel, "town.osm", "car")
    again = await import_and_wait(channel, "town.osm", "car")
    write_town(settings.map_folder / "town.osm", highway="primary")
    other = await import_and_wait(channel, "town.osm", "car")
    assert first.road_network == again.road_network
    assert other.error.code == grpc.StatusCode.ALREADY_EXISTS.value[0]


async def test_of_two_maps_at_once_under_one_id_one_is_kept_whole(
    channel: grpc.aio.Channel, settings: Settings
) -> None:
    """One import succeeds, the other hears that the id is taken, and the files are those of the listed one."""
    write_town(settings.map_folder / "town.osm")
    write_town(settings.map_folder / "other.osm", highway="primary")
    ended = await asyncio.gather(
        *(import_and_wait(channel, name, "car", network_id="town") for name in ("town.osm", "other.osm"))
    )
    listed = await v1.RoadNetworkServiceStub(channel).ListRoadNetworks(v1.ListRoadNetworksRequest())
    assert sorted(each.state for each in ended) == [v1.Operation.STATE_SUCCEEDED, v1.Operation.STATE_FAILED]
    (kept,) = listed.road_networks
    assert open_network(settings.network_folder / "town").fingerprint == kept.fingerprint
