"""A running service on loopback, and a channel to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from server.application import running_server
from server.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a service that keeps its data in the test's own folder."""
    return Settings(port=0, data_folder=tmp_path / "data", map_folder=tmp_path / "maps", solver_processes=1)


@pytest.fixture
async def channel(settings: Settings) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a running service."""
    async with running_server(settings) as port, grpc.aio.insecure_channel(f"{settings.host}:{port}") as channel:
        yield channel
