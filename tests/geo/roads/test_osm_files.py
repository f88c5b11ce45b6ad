"""OSM files in every format give the network that was drawn, and bad files one clear error."""

from __future__ import annotations

import dataclasses
import gzip
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from geo.errors import RoadFileError
from geo.roads.from_osm_file import import_osm_file, read_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.network_builder import build_network
from geo.roads.profiles import CAR, PROFILES
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.osm_files import write_osm_file

TOWN_WAYS: Mapping[str, Mapping[str, str]] = {
    "ABC": {"highway": "primary", "name": "人民路", "maxspeed": "50"},
    "CDE": {"oneway": "-1", "motor_vehicle:conditional": "no @ (Su)"},
    "EFA": {"highway": "service", "service": "driveway"},
    "BE": {"highway": "pedestrian"},
    "DGx": {"highway": "track", "surface": "gravel"},
}


ROOT = Path(__file__).resolve().parents[3]


def town(profile: str = "car") -> AsciiRoadMap:
    """Draw a town with a restriction, a barrier, a signal and a way that is cut off."""
    return ascii_road_map(
        """
        A---B---C
        |   |   |
        F---E---D---G
        """,
        TOWN_WAYS,
        profile=profile,
        nodes={"D": {"highway": "traffic_signals"}, "F": {"barrier": "bollard", "note": "not read"}},
        restrictions=[{"restriction": "no_u_turn", "from": "ABC", "via": "C", "to": "ABC"}],
    )


def assert_equal(network: RoadNetwork, other: RoadNetwork) -> None:
    """Every column but the source is equal."""
    for column in dataclasses.fields(RoadNetwork):
        if column.name != "source":
            assert np.array_equal(getattr(network, column.name), getattr(other, column.name)), column.name


@pytest.mark.parametrize("ending", ["osm", "osm.gz", "osm.bz2", "osm.pbf"])
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_file_gives_the_network_that_was_drawn(tmp_path: Path, ending: str, profile: str) -> None:
    """Each format, each profile: equal columns, fingerprint and report."""
    drawn = town(profile)
    imported = import_osm_file(write_osm_file(drawn.osm_roads, tmp_path / f"town.{ending}"), PROFILES[profile])
    assert_equal(imported.network, drawn.network)
    assert imported.report == drawn.report
    assert imported.network.source.startswith(f"town.{ending} (")


def test_importing_twice_gives_the_same_fingerprint(tmp_path: Path) -> None:
    """The same file is the same network, wherever it lies."""
    first = write_osm_file(town().osm_roads, tmp_path / "first.osm.pbf")
    (tmp_path / "elsewhere").mkdir()
    second = first.rename(tmp_path / "elsewhere" / "second.osm.pbf")
    fingerprint = import_osm_file(second, CAR).network.fingerprint
    assert fingerprint == import_osm_file(second, CAR).network.fingerprint == town().network.fingerprint


def test_another_machine_gives_the_same_fingerprint(tmp_path: Path) -> None:
    """Another order of hashing, clock, folder, number of threads and no compiler: the fingerprint is the same."""
    here = town().network.fingerprint
    script = (
        "import sys; from pathlib import Path; from geo.roads.from_osm_file import import_osm_file;"
        "from geo.roads.profiles import CAR; print(import_osm_file(Path(sys.argv[1]), CAR).network.fingerprint)"
    )
    for seed, zone, threads in (("1", "Asia/Shanghai", "1"), ("4711", "America/Lima", "7")):
        folder = tmp_path / seed
        folder.mkdir()
        file = write_osm_file(town().osm_roads, folder / f"map-{seed}.osm.pbf")
        surroundings = {"PYTHONHASHSEED": seed, "TZ": zone, "NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        environment = {**os.environ, **surroundings, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", script, str(file)]
        done = subprocess.run(  # noqa: S603 - our own code
            command, env=environment, cwd=folder, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == here


def test_only_what_roads_need_is_read(tmp_path: Path) -> None:
    """Buildings, route relations and tags that no profile reads stay in the file."""
    road_map = ascii_road_map("A--B--C--D", {"AB": {}, "CD": {"highway": "", "building": "yes"}, "BC": {"lit": "yes"}})
    roads = read_osm_file(write_osm_file(road_map.osm_roads, tmp_path / "map.osm.pbf"))
    # An empty highway tag is a highway tag all the same.
    assert roads.way_ids.tolist() == [1001, 1002, 1003]
    assert roads.way_tags == ({"highway": "residential"}, {"highway": ""}, {"highway": "residential"})


def test_progress_is_told_and_may_stop_the_import(tmp_path: Path) -> None:
    """The share never falls and ends at 1; an exception of the caller ends the import."""
    path = write_osm_file(town().osm_roads, tmp_path / "town.osm")
    told: list[tuple[str, float]] = []
    import_osm_file(path, CAR, on_progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)

    def stop(_stage: str, _share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_osm_file(path, CAR, on_progress=stop)


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


XML = b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="41.0" lon="-8.0"/><way id="1"><nd ref="1"/></way>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.osm", b"<html><body>Not found</body></html>"),
        ("page.osm.pbf", b"<html><body>Not found</body></html>"),
        ("words.osm.bz2", b"no archive at all"),
        ("words.osm.gz", b"no archive at all"),
        ("words.txt", b"words"),
        ("empty.osm.pbf", b""),
        ("cut.osm", XML),
        ("cut.osm.gz", _cut(gzip.compress(XML + b"</osm>", mtime=0))),
        ("text.osm", XML.replace(b'"41.0"', b'"north"') + b"</osm>"),
        ("number.osm", XML.replace(b'ref="1"', b'ref="one"') + b"</osm>"),
    ],
)
def test_a_file_that_is_no_osm_file_is_one_clear_error(tmp_path: Path, name: str, content: bytes) -> None:
    """The error names the file, not its folder."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RoadFileError, match=rf"^{name} is not a whole OSM file \(") as caught:
        import_osm_file(path, CAR)
    assert str(tmp_path) not in str(caught.value)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    """Half a binary file is no map of half the town."""
    path = write_osm_file(town().osm_roads, tmp_path / "town.osm.pbf")
    path.write_bytes(_cut(path.read_bytes()))
    with pytest.raises(RoadFileError, match=r"town\.osm\.pbf is not a whole OSM file"):
        import_osm_file(path, CAR)


def test_a_node_beyond_the_poles_is_missing(tmp_path: Path) -> None:
    """A place that is not on the earth cuts its way as a missing member does."""
    path = tmp_path / "beyond.osm"
    nodes = "".join(f'<node id="{n}" version="1" lat="{lat}" lon="8"/>' for n, lat in enumerate((41, 41.1, 95, 42), 1))
    references = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4))
    way = f'<way id="1" version="1">{references}<tag k="highway" v="primary"/></way>'
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{way}</osm>', "utf-8")
    imported = import_osm_file(path, CAR)
    assert imported.network.node_osm_id.tolist() == [1, 2]
    assert imported.report.missing_node_references == 1


def test_roads_of_an_editor_have_negative_ids(tmp_path: Path) -> None:
    """Nodes, ways and restrictions that were never uploaded are read like others, beside others."""
    drawn = ascii_road_map(
        """
        A--B--C
           |
           D
        """,
        {"AB": {}, "BC": {}, "BD": {}},
        nodes={"B": {"highway": "traffic_signals"}},
        restrictions=[{"restriction": "no_right_turn", "from": "AB", "via": "B", "to": "BD"}],
    ).osm_roads
    is_new = np.isin(drawn.node_ids, [ord("B"), ord("D")])
    new_id = dict(zip(drawn.node_ids.tolist(), np.where(is_new, -1, 1) * drawn.node_ids, strict=True))
    order = np.argsort([new_id[node] for node in drawn.node_ids.tolist()])
    (restriction,) = drawn.restrictions
    edited = dataclasses.replace(
        drawn,
        way_ids=-drawn.way_ids,
        way_node_ids=np.array([new_id[node] for node in drawn.way_node_ids.tolist()]),
        node_ids=np.array([new_id[node] for node in drawn.node_ids.tolist()])[order],
        node_latitude_degrees=drawn.node_latitude_degrees[order],
        node_longitude_degrees=drawn.node_longitude_degrees[order],
        node_tags={new_id[node]: tags for node, tags in drawn.node_tags.items()},
        restrictions=(
            dataclasses.replace(
                restriction,
                members=tuple(
                    dataclasses.replace(member, osm_id=new_id.get(member.osm_id, -member.osm_id))
                    for member in restriction.members
                ),
            ),
        ),
    )
    from_file = import_osm_file(write_osm_file(edited, tmp_path / "edited.osm"), CAR)
    assert sorted(from_file.network.node_osm_id.tolist()) == sorted(new_id.values())
    assert from_file.report.restrictions.applied == 1
    assert from_file.network.fingerprint == build_network(edited, CAR).network.fingerprint


def test_a_deleted_way_is_no_road(tmp_path: Path) -> None:
    """Files with history hold ways that are gone."""
    nodes = "".join(f'<node id="{n}" version="1" lat="41.{n}" lon="8"/>' for n in (1, 2, 3))
    ways = "".join(
        f'<way id="{n}" version="2" visible="{visible}"><nd ref="{n}"/><nd ref="{n + 1}"/>'
        '<tag k="highway" v="primary"/></way>'
        for n, visible in ((1, "true"), (2, "false"))
    )
    path = tmp_path / "history.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', "utf-8")
    assert set(import_osm_file(path, CAR).network.edge_way_id.tolist()) == {1}


def test_a_way_of_one_node_or_none_is_no_road(tmp_path: Path) -> None:
    """Such ways are dropped and counted."""
    path = tmp_path / "short.osm"
    nodes = '<node id="1" version="1" lat="41" lon="8"/><node id="2" version="1" lat="41.1" lon="8"/>'
    tag = '<tag k="highway" v="primary"/>'
    both = '<nd ref="1"/><nd ref="2"/>'
    ways = "".join(
        f'<way id="{way}" version="1">{references}{tag}</way>'
        for way, references in ((1, ""), (2, '<nd ref="1"/>'), (3, both))
    )
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', "utf-8")
    imported = import_osm_file(path, CAR)
    assert set(imported.network.edge_way_id.tolist()) == {3}
    assert (imported.report.ways_read, imported.report.ways_without_roads) == (3, 2)


def test_what_a_joined_map_holds_twice_is_taken_once(tmp_path: Path) -> None:
    """A map that was joined from overlapping ones has each road once, and the report counts the rest."""
    drawn = ascii_road_map(
        """
        A--B--C
           |
           D
        """,
        {"ABC": {"name": "Rua"}, "BD": {}},
        restrictions=[{"restriction": "no_right_turn", "from": "ABC", "via": "B", "to": "BD"}],
    )
    once = write_osm_file(drawn.osm_roads, tmp_path / "once.osm")
    older = once.read_text("utf-8").replace("Rua", "Beco")
    inside = [text[text.index("<node") : text.index("</osm>")] for text in (older, once.read_text("utf-8"))]
    twice = tmp_path / "twice.osm"
    twice.write_text(f'<?xml version="1.0"?><osm version="0.6">{"".join(inside)}</osm>', "utf-8")
    joined, alone = import_osm_file(twice, CAR), import_osm_file(once, CAR)
    assert joined.network.fingerprint == alone.network.fingerprint
    assert joined.network.names == alone.network.names
    assert joined.report == dataclasses.replace(alone.report, repeated_ways=2)


def test_only_nodes_that_mean_something_are_kept(tmp_path: Path) -> None:
    """Of the many tagged nodes of a map, those of no meaning to any profile leave nothing behind."""
    nodes: Mapping[str, Mapping[str, str]] = {
        "A": {"highway": "bus_stop", "name": "Rossio"},
        "B": {"highway": "crossing", "crossing": "marked"},
        "C": {"highway": "crossing", "crossing": "traffic_signals", "tactile_paving": "yes"},
        "D": {"barrier": "gate", "access": "private", "material": "wood", "locked": "no"},
    }
    road_map = ascii_road_map("A--B--C--D", {"ABCD": {}}, nodes=nodes)
    roads = read_osm_file(write_osm_file(road_map.osm_roads, tmp_path / "map.osm.pbf"))
    assert roads.node_tags == {
        ord("C"): {"highway": "crossing", "crossing": "traffic_signals"},
        ord("D"): {"barrier": "gate", "access": "private", "locked": "no"},
    }


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """What is not there, or is no file, is said."""
    with pytest.raises(RoadFileError, match=r"^nothing\.osm\.pbf: no such file$"):
        import_osm_file(tmp_path / "nothing.osm.pbf", CAR)
    (tmp_path / "folder.osm.pbf").mkdir()
    with pytest.raises(RoadFileError, match="no such file"):
        import_osm_file(tmp_path / "folder.osm.pbf", CAR)


def test_a_file_without_roads_is_refused(tmp_path: Path) -> None:
    """A whole OSM file may still hold no road that the profile may use."""
    path = tmp_path / "empty.osm"
    path.write_bytes(b'<?xml version="1.0"?><osm version="0.6"/>')
    with pytest.raises(RoadFileError, match="no road that the profile 'car' may use"):
        import_osm_file(path, CAR)
