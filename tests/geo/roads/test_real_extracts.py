"""Real extracts, with what is known of them: cut borders, restrictions, islands, stacked roads, hand-checked routes."""

from __future__ import annotations

import csv
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from geo.geodesy import chord_lengths_m
from geo.roads.from_osm_file import import_osm_file
from geo.roads.import_report import ImportedNetwork
from geo.roads.network import EdgeFlag, RoadClass, RoadNetwork
from geo.roads.profiles import PROFILES, profile_named
from geo.roads.snapping import Snapper
from tests.real_data import real_data_path

# South, west, north, east.
BOXES_DEGREES = {
    "shanghai-centre": (31.1788, 121.4093, 31.2785, 121.5520),
    "porto_portugal": (40.9810, -8.7782, 41.3990, -8.3580),
}


@cache
def imported(name: str, profile: str = "car") -> ImportedNetwork:
    """Import an extract once for all tests."""
    return import_osm_file(real_data_path("extracts", f"{name}.osm.pbf"), profile_named(profile))


def open_km(network: RoadNetwork) -> float:
    """Kilometres of road that the profile may use, each road once."""
    is_open = network.edge_component >= 0
    first_direction = is_open & (~is_open[network.edge_reverse] | ~network.edge_is_backward)
    return float(network.edge_length_cm[first_direction].sum() / 1e5)


@pytest.mark.parametrize("name", sorted(BOXES_DEGREES))
def test_roads_lie_about_the_box_of_the_extract(name: str) -> None:
    """Complete ways reach beyond the box by some kilometres at most, and lie inside it for the most part."""
    network = imported(name).network
    south, west, north, east = BOXES_DEGREES[name]
    latitude, longitude = network.shape_latitude_degrees, network.shape_longitude_degrees
    is_inside = (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)
    assert is_inside.mean() > 0.9
    assert latitude.min() > south - 0.1
    assert latitude.max() < north + 0.1
    assert longitude.min() > west - 0.1
    assert longitude.max() < east + 0.1


def test_porto_has_its_restrictions_and_its_kilometres() -> None:
    """All 357 restrictions are read and nine in ten forbid something; 9,444 km are drivable, tracks aside."""
    network, report = imported("porto_portugal").network, imported("porto_portugal").report
    assert report.restrictions.read == 357
    assert report.restrictions.applied > 0.9 * 357
    on_roads = ~np.isin(network.edge_road_class, [RoadClass.TRACK, RoadClass.PEDESTRIAN, RoadClass.BUSWAY])
    is_first = ~network.edge_is_backward & on_roads
    assert network.edge_length_cm[is_first].sum() / 1e5 == pytest.approx(9444, rel=0.02)
    assert report.cut_ways == 0
    assert report.edges_outside_main_component < 0.02 * network.edge_count


def test_helsinki_counts_the_ways_that_its_border_cuts() -> None:
    """About 65 drivable ways have members outside the extract; the rest of each is kept."""
    report = imported("helsinki-centre").report
    assert 60 <= report.cut_ways <= 70
    assert report.missing_node_references >= report.cut_ways
    assert report.restrictions.read == 45


def test_monaco_has_its_restrictions_and_tunnels() -> None:
    """27 restrictions, and many tunnels that pass under other roads."""
    network, report = imported("monaco-osrm").network, imported("monaco-osrm").report
    assert report.restrictions.read == report.restrictions.applied == 27
    assert ((network.edge_flags & EdgeFlag.TUNNEL) != 0).sum() > 100


def test_shenzhen_is_badly_connected() -> None:
    """Its main component holds about 73 % of the nodes of its roads."""
    network = imported("shenzhen-longgang").network
    usable = network.edge_component >= 0
    main = network.edge_component == 0
    nodes_of_roads = np.union1d(network.edge_tail[usable], network.edge_head[usable])
    nodes_of_main = np.union1d(network.edge_tail[main], network.edge_head[main])
    assert len(nodes_of_main) / len(nodes_of_roads) == pytest.approx(0.73, abs=0.06)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_shanghai_has_roads_for_everyone(profile: str) -> None:
    """The extract holds drivable roads only, so that each profile finds most of the 976 km open."""
    network = imported("shanghai-centre", profile).network
    assert 0.6 * 976 < open_km(network) < 1.02 * 976
    assert sum(any("\u4e00" <= character <= "\u9fff" for character in name) for name in network.names) > 500


def test_liechtenstein_is_read_without_its_buildings() -> None:
    """A file with all of OSM's content gives 409 km of drivable roads, tracks and driveways aside."""
    network = imported("liechtenstein").network
    is_road = network.edge_road_class <= RoadClass.LIVING_STREET
    assert network.edge_length_cm[is_road & ~network.edge_is_backward].sum() / 1e5 == pytest.approx(330, rel=0.25)


def test_every_real_network_keeps_the_ends_of_its_edges_together() -> None:
    """No drivable edge is faster than 140 km/h or longer than its extract."""
    for name in ("helsinki-centre", "monaco-osrm", "porto_portugal"):
        network = imported(name).network
        kmh = network.edge_length_cm * 36.0 / network.edge_duration_ms
        long_enough = network.edge_length_cm > 1000
        assert kmh[long_enough].max() <= 140.5
        assert network.edge_length_cm.max() < 50_000_00


def test_snapping_half_a_porto_finds_the_roads_that_it_came_from() -> None:
    """Places on the roads of the main component snap to themselves, tens of thousands at once."""
    network = imported("porto_portugal").network
    edges = np.flatnonzero(network.edge_component == 0)[::4]
    points = network.shape_first[network.edge_shape[edges]]
    positions = Snapper(network).snap(network.shape_latitude_degrees[points], network.shape_longitude_degrees[points])
    assert len(positions) > 30_000
    assert positions.distance_m.max() < 0.01
    assert (positions.component == 0).all()


@pytest.mark.parametrize("track", ["00000000", "00000003", "00000015", "00000023", "00000064", "00000092"])
def test_the_hand_checked_routes_lie_on_open_edges(track: str) -> None:
    """Each arc of the true route is a piece of an edge in a direction that a car may use, with its length."""
    network = import_osm_file(real_data_path("kubicka", f"{track}.osm.pbf"), profile_named("car")).network
    length_m_of_arc = _open_arcs(network)
    with real_data_path("kubicka", f"{track}.route.csv").open(newline="") as file:
        arcs = [
            (int(row["from_node_id"]), int(row["to_node_id"]), float(row["length_m"])) for row in csv.DictReader(file)
        ]
    assert len(arcs) > 50
    for tail, head, length_m in arcs:
        assert length_m_of_arc[tail, head] == pytest.approx(length_m, rel=0.01, abs=0.5)


def _open_arcs(network: RoadNetwork) -> dict[tuple[int, int], float]:
    """Length of each straight piece between consecutive OSM nodes, in every direction that is open."""
    arcs = {}
    for edge in np.flatnonzero(network.edge_component >= 0).tolist():
        shape = network.edge_shape[edge]
        points = slice(network.shape_first[shape], network.shape_first[shape + 1])
        nodes = network.shape_osm_node_id[points].tolist()
        latitude, longitude = network.shape_latitude_degrees[points], network.shape_longitude_degrees[points]
        lengths_m = chord_lengths_m(latitude, longitude).tolist()
        if network.edge_is_backward[edge]:
            nodes, lengths_m = nodes[::-1], lengths_m[::-1]
        arcs.update(zip(pairwise(nodes), lengths_m, strict=True))
    return arcs
