"""Deleting road networks: gone with its folder, or kept because something stands on it."""

from __future__ import annotations

import grpc
import pytest
from odograph import v1

from server.settings import Settings
from tests.server.conftest import import_and_wait
from tests.server.planning import build, problem
from tests.server.town import write_town


async def test_a_deleted_network_is_gone_with_its_folder(channel: grpc.aio.Channel, settings: Settings) -> None:
    """After deleting, neither the network nor its folder is there, and deleting it again finds nothing."""
    write_town(settings.map_folder / "town.osm")
    await import_and_wait(channel, "town.osm", "foot")
    stub = v1.RoadNetworkServiceStub(channel)
    assert (settings.network_folder / "town-foot").is_dir()
    await stub.DeleteRoadNetwork(v1.DeleteRoadNetworkRequest(road_network_id="town-foot"))
    assert not (settings.network_folder / "town-foot").exists()
    for call in (
        stub.GetRoadNetwork(v1.GetRoadNetworkRequest(road_network_id="town-foot")),
        stub.DeleteRoadNetwork(v1.DeleteRoadNetworkRequest(road_network_id="town-foot")),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as missing:
            await call
        assert missing.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.asyncio(loop_scope="session")
async def test_a_network_with_plans_is_kept(town: grpc.aio.Channel) -> None:
    """A network that a plan stands on cannot be deleted; the error names a plan."""
    await build(town, problem())
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await v1.RoadNetworkServiceStub(town).DeleteRoadNetwork(v1.DeleteRoadNetworkRequest(road_network_id="town-car"))
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "stands on road network 'town-car'" in str(refused.value.details())
    await v1.RoadNetworkServiceStub(town).GetRoadNetwork(v1.GetRoadNetworkRequest(road_network_id="town-car"))
