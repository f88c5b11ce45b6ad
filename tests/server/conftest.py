"""Running services on loopback, and channels to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from odograph import v1

from server.application import open_workshop, running_server, serving
from server.settings import Settings
from tests.server.town import write_town


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a service that keeps its data in the test's own folder."""
    return Settings(port=0, data_folder=tmp_path / "data", map_folder=tmp_path / "maps", solver_processes=1)


@pytest.fixture
async def channel(settings: Settings) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a running service that knows nothing yet, its solvers not started."""
    async with (
        open_workshop(settings) as workshop,
        serving(workshop) as port,
        grpc.aio.insecure_channel(f"{settings.host}:{port}") as channel,
    ):
        yield channel


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a running service that has imported the small town of `tests.server.town` for car and foot."""
    folder = tmp_path_factory.mktemp("town")
    write_town(folder / "maps" / "town.osm")
    settings = Settings(port=0, data_folder=folder / "data", map_folder=folder / "maps", solver_processes=1)
    async with running_server(settings) as port, grpc.aio.insecure_channel(f"{settings.host}:{port}") as channel:
        for profile in ("car", "foot"):
            await import_and_wait(channel, "town.osm", profile)
        yield channel


async def import_and_wait(
    channel: grpc.aio.Channel, source_file: str, profile: str, *, network_id: str = ""
) -> v1.Operation:
    """Import a map file and return the operation as it ended."""
    request = v1.ImportRoadNetworkRequest(source_file=source_file, profile=profile, road_network_id=network_id)
    operation = await v1.RoadNetworkServiceStub(channel).ImportRoadNetwork(request)
    watched = v1.OperationServiceStub(channel).WatchOperation(v1.WatchOperationRequest(operation_id=operation.id))
    return [each async for each in watched][-1]
