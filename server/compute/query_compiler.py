"""Compiles the kernels that answer queries in a second process, while the first one imports a map.

Compiling takes two thirds of a first import, and half of that is for the queries that follow it. What is compiled lands
in the cache that both processes share. Nothing depends on this process: what it fails to compile is compiled where it
is first called.

The queries need a network to run on, which must not cost the compiling of what builds one: the process starts as plain
Python, writes the network of one block with its indices, and then replaces itself by one that compiles. The block is
opened like any imported network, because compiled code is special to arrays that lie on disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from geo.roads.network import RoadNetwork
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import CAR
from geo.routing.speed_overlay import SpeedOverlay
from server.compute.network_folder import open_network_folder, write_network_folder

BLOCK_LATITUDE_DEGREES = np.array([60.0, 60.0, 60.004, 60.004])
BLOCK_LONGITUDE_DEGREES = np.array([25.0, 25.008, 25.008, 25.0])

_PLAIN_PYTHON = "NUMBA_DISABLE_JIT"


@contextmanager
def compiling_queries() -> Iterator[Callable[[], None]]:
    """Compile the kernels of queries in another process for as long as the block lasts.

    Yields
    ------
    Callable[[], None]
        Waits until that process has finished, well or not. Whoever needs the queries themselves calls it first, so as
        not to compile the same; whoever does not, leaves, and the process is stopped.
    """
    with tempfile.TemporaryDirectory(prefix="odograph-queries-", ignore_cleanup_errors=True) as folder:
        process = _start(Path(folder))
        try:
            yield lambda: _wait(process)
        finally:
            if process:
                process.kill()
                process.wait()


def _start(folder: Path) -> subprocess.Popen[bytes] | None:
    """Start the second process; None where there is no room for one."""
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "server.compute.query_compiler", str(folder)],
            env={**os.environ, _PLAIN_PYTHON: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def _wait(process: subprocess.Popen[bytes] | None) -> None:
    if process:
        process.wait()


def small_block() -> RoadNetwork:
    """Build the streets around one block, driven one way round and back.

    Returns
    -------
    RoadNetwork
        With the corners `BLOCK_LATITUDE_DEGREES` and `BLOCK_LONGITUDE_DEGREES`.
    """
    roads = OsmRoads(
        way_ids=np.array([1]),
        way_tags=({"highway": "residential"},),
        way_first=np.array([0, 5]),
        way_node_ids=np.array([1, 2, 3, 4, 1]),
        node_ids=np.array([1, 2, 3, 4]),
        node_latitude_degrees=BLOCK_LATITUDE_DEGREES,
        node_longitude_degrees=BLOCK_LONGITUDE_DEGREES,
        node_tags={},
        restrictions=(),
    )
    return build_network(roads, CAR).network


def answer_queries(block: Path) -> None:
    """Ask everything once that a stored network answers: at new speeds first, which an import needs soon, too.

    Parameters
    ----------
    block
        Folder of the network of `small_block`; indices that are missing are built.
    """
    network, snapper, router = open_network_folder(block)
    router = router.with_speeds(SpeedOverlay.of_network(network))
    places = snapper.snap(BLOCK_LATITUDE_DEGREES, BLOCK_LONGITUDE_DEGREES)
    router.travel_matrix(places, places)
    router.route(places, places, origin=0, destination=2)


def main(folder: Path) -> None:
    """Write the block, then compile.

    Parameters
    ----------
    folder
        Empty; whoever started this process removes it.
    """
    block = folder / "block"
    if not block.exists():
        write_network_folder(small_block(), block)
        environment = {name: value for name, value in os.environ.items() if name != _PLAIN_PYTHON}
        arguments = [sys.executable, "-m", "server.compute.query_compiler", str(folder)]
        os.execve(sys.executable, arguments, environment)  # noqa: S606 - our own module
    answer_queries(block)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
