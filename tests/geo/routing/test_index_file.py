"""Storing a router beside its network and opening it again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geo.errors import NetworkFileError
from geo.roads.network_file import open_network, write_network
from geo.routing.index_file import INDEX, open_router, write_routing_index
from geo.routing.router import Router
from geo.routing.speed_overlay import SpeedOverlay
from tests.geo.routing.drawn_networks import Piece, make_network, places_on

NETWORK = make_network(
    [(41.0, -8.0), (41.0, -8.001), (41.001, -8.001), (41.001, -8.0)],
    [Piece(0, 1), Piece(1, 2, 7000), Piece(2, 3), Piece(3, 0, 4000)],
)


def test_an_opened_router_answers_as_the_stored_one(tmp_path: Path) -> None:
    """Matrices, routes and new speeds are the same before and after storing."""
    router = Router.build(NETWORK)
    write_network(NETWORK, tmp_path / "roads")
    write_routing_index(router, tmp_path / "roads")
    opened = open_router(open_network(tmp_path / "roads"), tmp_path / "roads")
    places = places_on(NETWORK, [0, 3, 5, 7], [0.5, 0.2, 0.9, 1.0])
    speeds = SpeedOverlay.of_network(NETWORK).with_closures(np.array([2]))
    for ours, theirs in ((router, opened), (router.with_speeds(speeds), opened.with_speeds(speeds))):
        assert (
            ours.travel_matrix(places, places).duration_ms.tolist()
            == theirs.travel_matrix(places, places).duration_ms.tolist()
        )
        assert (
            ours.route(places, places, destination=2).edges.tolist()
            == theirs.route(places, places, destination=2).edges.tolist()
        )


def test_an_index_of_another_network_is_refused(tmp_path: Path) -> None:
    """The fingerprint must be that of the network."""
    write_routing_index(Router.build(NETWORK), tmp_path)
    with pytest.raises(NetworkFileError, match="another road network"):
        open_router(replace(NETWORK, fingerprint="other"), tmp_path)


def test_a_missing_or_damaged_index_is_refused(tmp_path: Path) -> None:
    """Without an index, or with one that lacks an array, opening fails with a clear error."""
    with pytest.raises(NetworkFileError):
        open_router(NETWORK, tmp_path)
    write_routing_index(Router.build(NETWORK), tmp_path)
    (tmp_path / INDEX.folder / "hierarchy.parent.npy").unlink()
    with pytest.raises(NetworkFileError):
        open_router(NETWORK, tmp_path)
