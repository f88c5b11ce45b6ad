"""OSMnx graphs give the network that the file of the same area gives."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import networkx as nx
import numpy as np
import osmnx
import pytest

from geo.errors import DownloadError, InvalidGeoInputError, RoadFileError
from geo.roads.from_osm_file import import_osm_file, read_osm_file
from geo.roads.from_osmnx import download_osmnx_graph, import_osmnx_graph
from geo.roads.network import RoadNetwork
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import BICYCLE, CAR, FOOT, PROFILES, Profile
from geo.roads.way_rules import way_keys
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map
from tests.osm_files import write_osm_file
from tests.real_data import real_data_path


@pytest.fixture(autouse=True)
def _all_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let OSMnx keep every tag that the profiles read, as `download_osmnx_graph` does."""
    keys = sorted(frozenset().union(*(way_keys(profile) for profile in PROFILES.values())))
    monkeypatch.setattr(osmnx.settings, "useful_tags_way", keys)
    monkeypatch.setattr(osmnx.settings, "useful_tags_node", ["highway", "barrier", "crossing", *keys])


def graph_of(roads: OsmRoads, folder: Path) -> nx.MultiDiGraph:
    """Read roads with OSMnx."""
    return osmnx.graph_from_xml(write_osm_file(roads, folder / "map.osm"), simplify=False, retain_all=True)


def block() -> AsciiRoadMap:
    """Draw a block with bends, one-ways, a roundabout, a footway and a barrier."""
    return ascii_road_map(
        """
        A---B---C---K
        |   |   |   |
        F---E---D---L
            |
            G---H
            |   |
            J---I
        """,
        {
            "ABCK": {"highway": "primary", "name": "Rua de Cima", "maxspeed": "50"},
            "DLK": {"oneway": "yes", "motor_vehicle:forward": "destination"},
            "CDE": {"oneway": "yes", "cycleway": "opposite_lane"},
            "EFA": {"highway": "service", "access": "private"},
            "BE": {"highway": "footway", "tunnel": "building_passage"},
            "EG": {},
            "GHIJG": {"highway": "residential", "junction": "roundabout"},
        },
        nodes={"D": {"highway": "traffic_signals"}, "F": {"barrier": "gate", "access": "no"}},
    )


@pytest.mark.parametrize("profile", [CAR, BICYCLE, FOOT], ids=lambda profile: profile.name)
def test_a_graph_gives_the_network_of_the_file(tmp_path: Path, profile: Profile) -> None:
    """Not simplified: the same nodes, edges, tags and lengths, so the same fingerprint."""
    roads = block().osm_roads
    graph = graph_of(roads, tmp_path)
    from_file = import_osm_file(tmp_path / "map.osm", profile).network
    from_graph = import_osmnx_graph(graph, profile).network
    for column in dataclasses.fields(RoadNetwork):
        if column.name not in {"source", "fingerprint"}:
            assert np.array_equal(getattr(from_file, column.name), getattr(from_graph, column.name)), column.name
    assert from_file.fingerprint == from_graph.fingerprint


def _usable_by_way(network: RoadNetwork) -> dict[int, tuple[int, int]]:
    """Number of centimetres and milliseconds that each way has in usable edges."""
    is_usable = network.edge_component >= 0
    way_ids, way = np.unique(network.edge_way_id[is_usable], return_inverse=True)
    length_cm = np.bincount(way, network.edge_length_cm[is_usable])
    duration_ms = np.bincount(way, network.edge_duration_ms[is_usable])
    return {
        int(way_id): (round(length), round(duration))
        for way_id, length, duration in zip(way_ids, length_cm, duration_ms, strict=True)
    }


@pytest.mark.parametrize("profile", [CAR, FOOT], ids=lambda profile: profile.name)
def test_a_simplified_graph_has_the_same_roads(tmp_path: Path, profile: Profile) -> None:
    """Bends that OSMnx folded into geometries come back: lengths and durations are those of the file."""
    picture = """
        A---B---C
        |   |   |
        F---E---D
    """
    ways = {"BAFE": {"maxspeed": "50"}, "BCDE": {"oneway": "yes"}, "BE": {"highway": "primary"}}
    graph = osmnx.simplify_graph(graph_of(ascii_road_map(picture, ways).osm_roads, tmp_path))
    from_file = import_osm_file(tmp_path / "map.osm", profile).network
    from_graph = import_osmnx_graph(graph, profile).network
    assert _usable_by_way(from_graph) == _usable_by_way(from_file)
    assert from_graph.node_osm_id.tolist() == from_file.node_osm_id.tolist()
    assert (from_graph.shape_osm_node_id < 0).sum() == 4


def test_a_oneway_against_its_nodes_keeps_its_direction(tmp_path: Path) -> None:
    """OSMnx turns the nodes of a way with ``oneway=-1`` round; the direction of travel stays."""
    picture = """
        A---B
        |   |
        D---C
    """
    roads = ascii_road_map(picture, {"AB": {"oneway": "-1"}, "BCDA": {}}).osm_roads
    network = import_osmnx_graph(graph_of(roads, tmp_path), CAR).network
    against = network.edge_way_id == 1001
    tails = network.node_osm_id[network.edge_tail]
    assert (network.edge_component[against & (tails == ord("B"))] == 0).all()
    assert (network.edge_component[against & (tails == ord("A"))] == -1).all()


def test_tags_that_differ_along_a_simplified_edge_promise_least(tmp_path: Path) -> None:
    """The lowest class and limit, and the most closed access, whatever order OSMnx lists them in."""
    roads = ascii_road_map(
        "A--B--C--D",
        {
            "AB": {"highway": "primary", "maxspeed": "90", "name": "Rua A"},
            "BC": {"highway": "tertiary", "maxspeed": "50", "access": "private"},
            "CD": {"highway": "secondary", "maxspeed": "70", "access": "yes"},
        },
    ).osm_roads
    graph = osmnx.simplify_graph(graph_of(roads, tmp_path))
    assert graph.number_of_edges() == 2
    network = import_osmnx_graph(graph, CAR).network
    drawn = ascii_road_map(
        "A-----B", {"AB": {"highway": "tertiary", "maxspeed": "50", "access": "private", "name": "Rua A"}}
    ).network
    assert network.names == ("", "Rua A")
    for column in ("edge_road_class", "edge_flags"):
        assert np.array_equal(getattr(network, column), getattr(drawn, column))
    assert network.edge_length_cm * 36.0 / network.edge_duration_ms == pytest.approx(40.0, rel=1e-3)


def test_a_real_extract_and_its_graph_agree(tmp_path: Path) -> None:
    """Every way of a real city has the same usable length and duration from the file and from OSMnx."""
    roads = read_osm_file(real_data_path("extracts", "helsinki-centre.osm.pbf"))
    graph = graph_of(_whole_ways(roads, at_most=800), tmp_path)
    for profile in (CAR, FOOT):
        from_file = _usable_by_way(import_osm_file(tmp_path / "map.osm", profile).network)
        from_graph = _usable_by_way(import_osmnx_graph(graph, profile).network)
        assert from_file.keys() == from_graph.keys()
        differences = np.abs([np.subtract(from_file[way], from_graph[way]) for way in from_file])
        # A ring may be cut at another of its nodes, which rounds its length at another place: a centimetre or two,
        # and walking a centimetre takes 7 ms.
        assert differences[:, 0].max() <= 2
        assert differences[:, 1].max() <= 2 * 8


def _whole_ways(roads: OsmRoads, *, at_most: int) -> OsmRoads:
    """Ways of a kind that OSMnx reads (with a highway tag, no member missing), without restrictions."""
    pieces = np.split(roads.way_node_ids, roads.way_first[1:-1])
    whole = [
        way
        for way, nodes in enumerate(pieces)
        if "highway" in roads.way_tags[way] and len(nodes) > 1 and np.isin(nodes, roads.node_ids).all()
    ][:at_most]
    return dataclasses.replace(
        roads,
        way_ids=roads.way_ids[whole],
        way_tags=tuple(roads.way_tags[way] for way in whole),
        way_first=np.cumsum([0, *(len(pieces[way]) for way in whole)]),
        way_node_ids=np.concatenate([pieces[way] for way in whole]),
        restrictions=(),
    )


def test_a_projected_graph_and_nodes_without_places_are_refused() -> None:
    """Both violations come back at once."""
    graph = nx.MultiDiGraph(crs="epsg:32629")
    graph.add_node(1)
    with pytest.raises(InvalidGeoInputError) as caught:
        import_osmnx_graph(graph, CAR)
    assert [violation.field for violation in caught.value.violations] == ["graph.crs", "graph.nodes"]


def test_a_download_asks_for_every_tag_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """OSMnx's settings are as before afterwards, and a failure is one clear error."""
    before = osmnx.settings.useful_tags_way
    asked: list[list[str]] = []

    def refuse(place: str, **_options: object) -> nx.MultiDiGraph:
        asked.append(osmnx.settings.useful_tags_way)
        message = "HTTPSConnectionPool and much more"
        raise ConnectionError(message) if place == "Porto" else ValueError("Nothing found")

    monkeypatch.setattr(osmnx, "graph_from_place", refuse)
    with pytest.raises(RoadFileError, match=r"'Prto' could not be downloaded \(ValueError: Nothing found\)"):
        download_osmnx_graph("Prto")
    with pytest.raises(DownloadError, match=r"services do not answer \(ConnectionError\)\. Is there internet\?"):
        download_osmnx_graph("Porto")
    assert {"maxspeed:conditional", "motor_vehicle:forward", "oneway:bicycle"} <= set(asked[0])
    assert osmnx.settings.useful_tags_way is before
