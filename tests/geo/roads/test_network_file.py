"""Stored networks equal the ones that were written."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from geo.errors import NetworkFileError
from geo.roads.network import RoadNetwork
from geo.roads.network_file import open_network, write_network
from tests.ascii_road_map import ascii_road_map


def _drawn_network() -> RoadNetwork:
    return ascii_road_map(
        """
        A---B---C
            |
            D
        """,
        {
            "AB": {"name": "Rua de Cima"},
            "BC": {"name": "人民路", "maxspeed:conditional": "30 @ (22:00-06:00)"},
            "BD": {},
        },
        restrictions=[
            {"restriction": "no_right_turn", "from": "AB", "via": "B", "to": "BD"},
            {"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)", "from": "BD", "via": "B", "to": "AB"},
        ],
    ).network


def test_every_column_comes_back(tmp_path: Path) -> None:
    """A network opened from its folder has the columns, names, conditions and fingerprint that were written."""
    written = _drawn_network()
    write_network(written, tmp_path / "net")
    opened = open_network(tmp_path / "net", verify_content=True)
    for column in dataclasses.fields(RoadNetwork):
        before, after = getattr(written, column.name), getattr(opened, column.name)
        if isinstance(before, np.ndarray):
            assert before.dtype == after.dtype, column.name
            assert np.array_equal(before, after), column.name
            assert not after.flags.writeable
            assert not before.flags.writeable
        else:
            assert before == after, column.name
    assert opened.names == ("", "Rua de Cima", "人民路")
    assert opened.conditions == ("22:00-06:00", "Mo-Fr 07:00-09:00")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux tells which files a process has mapped")
def test_columns_lie_in_shared_pages_of_their_files(tmp_path: Path) -> None:
    """An opened network's arrays are mapped files, not copies: processes that open the same folder share the pages."""
    write_network(_drawn_network(), tmp_path / "net")
    opened = open_network(tmp_path / "net")
    # Each line: addresses, rights ("r--s": read-only and shared), ..., path.
    lines = [line.split() for line in Path("/proc/self/maps").read_text("utf-8").splitlines()]
    spans = [line[0].split("-") for line in lines if line[1] == "r--s" and line[-1].startswith(str(tmp_path))]
    for column in dataclasses.fields(RoadNetwork):
        array = getattr(opened, column.name)
        if isinstance(array, np.ndarray) and array.size:
            assert any(int(start, 16) <= array.ctypes.data < int(end, 16) for start, end in spans), column.name


def test_a_folder_without_a_column_is_damaged(tmp_path: Path) -> None:
    """What another program left out is named, not discovered later."""
    write_network(_drawn_network(), tmp_path / "net")
    manifest = tmp_path / "net" / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"edge_head"', '"edge_tale"'), "utf-8")
    with pytest.raises(NetworkFileError, match="is damaged"):
        open_network(tmp_path / "net")
