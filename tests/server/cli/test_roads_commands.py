"""``odograph roads`` as people and scripts see it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.server.cli.running import run
from tests.server.town import write_town


def test_an_import_says_what_it_found(tmp_path: Path) -> None:
    """After an import its report is printed, in words and in numbers; in JSON it comes with the network."""
    town = tmp_path / "town.osm"
    write_town(town)
    printed = run("roads", "import", town, "--data", tmp_path / "data").stdout
    assert "2 road pieces lie outside the largest part" in " ".join(printed.split())
    (network,) = json.loads(run("roads", "import", town, "--data", tmp_path / "data", "--json").stdout)["road_networks"]
    outside = {"kind": "edges_outside_main_component", "count": "2"}
    assert any(outside.items() <= finding.items() for finding in network["import_findings"])
