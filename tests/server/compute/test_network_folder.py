"""The folder of a road network: written with all indices, completed where some are missing, refused where damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from geo.errors import NetworkFileError
from geo.matching import map_matcher
from geo.matching.map_matcher import MapMatcher
from geo.roads import grid_file
from geo.roads.grid_file import open_segment_grid
from geo.roads.network_file import open_network
from geo.roads.segment_grid import build_segment_grid
from geo.roads.snapping import Snapper
from geo.routing import index_file
from geo.routing.router import Router
from geo.tracks.track import Track
from server.compute import network_folder
from server.compute.network_folder import open_network_folder, write_network_folder
from server.compute.open_networks import OpenNetwork
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map


def _town() -> AsciiRoadMap:
    return ascii_road_map(
        """
        A----B----C
        |    | 1  |
        D----E----F   2
        """,
        {"ABCFEDA": {"highway": "primary"}, "BE": {"oneway": "yes"}},
        grid_m=30,
    )


def _forbid(*_args: object, **_kwargs: object) -> None:
    message = "computed anew"
    raise AssertionError(message)


def test_an_opened_folder_answers_without_computing_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a written folder builds neither grid nor hierarchy, and answers as the network itself does."""
    town = _town()
    write_network_folder(town.network, tmp_path / "town")
    monkeypatch.setattr(network_folder, "build_segment_grid", _forbid)
    monkeypatch.setattr(Router, "build", _forbid)
    network, snapper, router = open_network_folder(tmp_path / "town")
    monkeypatch.undo()
    places, expected = snapper.snap(*town.points("12")), Snapper(town.network).snap(*town.points("12"))
    assert places.edge.tolist() == expected.edge.tolist()
    assert places.fraction.tolist() == expected.fraction.tolist()
    answer = Router.build(town.network).travel_matrix(expected, expected)
    assert router.travel_matrix(places, places).duration_ms.tolist() == answer.duration_ms.tolist()
    assert network.fingerprint == town.network.fingerprint


@pytest.mark.parametrize("missing", [grid_file.INDEX.folder, index_file.INDEX.folder])
def test_a_folder_without_an_index_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """An index that is not there is built at the first opening and read at the second."""
    write_network_folder(_town().network, tmp_path / "town")
    shutil.rmtree(tmp_path / "town" / missing)
    open_network_folder(tmp_path / "town")
    monkeypatch.setattr(network_folder, "build_segment_grid", _forbid)
    monkeypatch.setattr(Router, "build", _forbid)
    open_network_folder(tmp_path / "town")


def test_snapping_and_matching_share_the_stored_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The matcher of an opened network builds no grid of its own, and matches as one that does."""
    town = _town()
    write_network_folder(town.network, tmp_path / "town")
    opened = OpenNetwork("town", *open_network_folder(tmp_path / "town"))
    expected = MapMatcher(town.network).match(_walk(town))
    monkeypatch.setattr(map_matcher, "build_segment_grid", _forbid)
    match = opened.matcher.match(_walk(town))
    assert match.point_edge.tolist() == expected.point_edge.tolist()
    assert (match.point_edge >= 0).all()


def _walk(town: AsciiRoadMap) -> Track:
    """From A to C in a minute."""
    latitude, longitude = (
        np.linspace(first, last, 13) for first, last in zip(town.place("A"), town.place("C"), strict=True)
    )
    unknown = np.full(13, np.nan)
    return Track(np.arange(13) * 5000, latitude, longitude, unknown, unknown, unknown)


def test_every_field_of_a_grid_comes_back(tmp_path: Path) -> None:
    """A grid opened from its folder equals the one that was written, to the last digit."""
    town = _town()
    write_network_folder(town.network, tmp_path / "town")
    opened = open_segment_grid(open_network(tmp_path / "town"), tmp_path / "town")
    for name, value in build_segment_grid(town.network)._asdict().items():
        found = getattr(opened, name)
        if isinstance(value, np.ndarray):
            assert value.dtype == found.dtype, name
            assert np.array_equal(value, found), name
            assert not found.flags.writeable, name
        else:
            assert value == found, name


def test_a_grid_of_another_network_is_refused(tmp_path: Path) -> None:
    """A grid that was made from another network is no grid of this one."""
    write_network_folder(_town().network, tmp_path / "town")
    other = ascii_road_map("A--B", {"AB": {}}).network
    with pytest.raises(NetworkFileError, match="another road network"):
        open_segment_grid(other, tmp_path / "town")
    with pytest.raises(NetworkFileError, match="no road network"):
        open_network_folder(tmp_path / "elsewhere")
