"""Finding edges near a place and snapping to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InvalidGeoInputError
from geo.geodesy import METRES_PER_DEGREE, great_circle_m, places_at
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import CAR
from geo.roads.segment_grid import CELL_M, build_segment_grid
from geo.roads.snapping import Snapper, SnapState
from geo.roads.snapping_kernels import SnappedPlaces, find_nearby_edges, nearby_edges_room, snap_places
from tests.ascii_road_map import ascii_road_map
from tests.naive_snapping import edges_within, point_at
from tests.random_roads import ORIGIN_DEGREES, osm_roads, stretched_roads, with_far_ways


@pytest.mark.twin_of("geo.roads.snapping_kernels", "geo.roads.segment_grid_kernels")
@pytest.mark.interpreted
@given(
    roads=osm_roads(),
    east_m=st.floats(-200, 600),
    north_m=st.floats(-200, 600),
    radius_m=st.floats(1, 500),
    capacity=st.integers(1, 40),
)
def test_the_kernel_finds_what_looking_at_every_segment_finds(
    roads: OsmRoads, east_m: float, north_m: float, radius_m: float, capacity: int
) -> None:
    """The nearest edges within the radius, their distances and fractions equal those of the naive search."""
    network = build_network(roads, CAR).network
    latitude, longitude = (float(degrees) for degrees in places_at(*ORIGIN_DEGREES, east_m=east_m, north_m=north_m))
    room = nearby_edges_room(capacity)
    wanted = np.ones(network.edge_count, np.bool_)
    wanted.setflags(write=False)
    found = find_nearby_edges(build_segment_grid(network), wanted, latitude, longitude, radius_m, room)
    expected = edges_within(network, latitude, longitude, radius_m)
    assert found == min(capacity, len(expected))
    assert room.distance_m[:found] == pytest.approx([distance_m for distance_m, _ in expected[:found]], abs=1e-6)
    distance_of = {edge: distance_m for distance_m, edge in expected}
    for edge, fraction, distance_m in zip(room.edge[:found], room.fraction, room.distance_m, strict=False):
        assert distance_m == pytest.approx(distance_of[edge], abs=1e-6)
        place = point_at(network.edge_points(edge), fraction)
        assert great_circle_m(latitude, longitude, *place) == pytest.approx(distance_m, abs=0.01)


@pytest.mark.twin_of("geo.roads.snapping_kernels", "geo.roads.segment_grid_kernels")
@pytest.mark.interpreted
@given(
    roads=stretched_roads(),
    share=st.floats(0.0, 1.0) | st.just(0.0) | st.just(1.0),
    offset_m=st.tuples(st.floats(-600, 600), st.floats(-600, 600)),
    radius_m=st.floats(1, 900),
)
def test_on_a_stretched_map_the_kernel_finds_what_looking_at_every_segment_finds(
    roads: OsmRoads, share: float, offset_m: tuple[float, float], radius_m: float
) -> None:
    """One road across a continent neither hides others nor is hidden itself, wherever along it one looks."""
    network = build_network(roads, CAR).network
    first, last = ((roads.node_latitude_degrees[node], roads.node_longitude_degrees[node]) for node in (0, -1))
    middle = np.array(first) + share * (np.array(last) - np.array(first))
    latitude, longitude = (
        float(degrees) for degrees in places_at(*middle.tolist(), east_m=offset_m[0], north_m=offset_m[1])
    )
    room = nearby_edges_room(200)
    wanted = np.ones(network.edge_count, np.bool_)
    wanted.setflags(write=False)
    found = find_nearby_edges(build_segment_grid(network), wanted, latitude, longitude, radius_m, room)
    expected = edges_within(network, latitude, longitude, radius_m)
    assert room.distance_m[:found] == pytest.approx([distance_m for distance_m, _ in expected], abs=1e-6)
    assert set(room.edge[:found].tolist()) == {edge for _, edge in expected}


@pytest.mark.parametrize(("far_ways", "is_as_fine"), [(0, True), (1, True), (60, False)])
def test_cells_stay_small_where_a_map_is_stretched_and_few_where_it_is_all_stretch(
    far_ways: int, *, is_as_fine: bool
) -> None:
    """A stray road leaves the size of a cell alone; a thicket of them makes cells larger, and not many."""
    roads = OsmRoads(
        way_ids=np.array([1]),
        way_tags=({"highway": "residential"},),
        way_first=np.array([0, 2]),
        way_node_ids=np.array([1, 2]),
        node_ids=np.array([1, 2]),
        node_latitude_degrees=ORIGIN_DEGREES[0] + np.array([0.0, 0.003]),
        node_longitude_degrees=ORIGIN_DEGREES[1] + np.array([0.0, 0.003]),
        node_tags={},
        restrictions=(),
    )
    ends_m = [(3e6 + 1e4 * number, -4e6) for number in range(far_ways)]
    grid = build_segment_grid(build_network(with_far_ways(roads, ends_m) if ends_m else roads, CAR).network)
    cell_m = grid.cell_height_degrees * METRES_PER_DEGREE
    assert (cell_m == pytest.approx(CELL_M)) == is_as_fine
    assert len(grid.cell_column) <= len(grid.cell_segments) <= 1_100_000
    assert grid.row_first[-1] == len(grid.cell_column)


@pytest.mark.twin_of("geo.roads.snapping_kernels")
@given(
    roads=osm_roads(),
    offsets_m=st.lists(st.tuples(st.floats(-200, 600), st.floats(-200, 600)), min_size=1, max_size=6),
    radius_m=st.floats(1, 900),
)
def test_each_place_is_snapped_to_the_nearest_of_all_edges(
    roads: OsmRoads, offsets_m: list[tuple[float, float]], radius_m: float
) -> None:
    """However wide the search starts, each place gets an edge as near as the nearest of all, or none."""
    network = build_network(roads, CAR).network
    east_m, north_m = np.array(offsets_m).T
    latitude, longitude = places_at(*ORIGIN_DEGREES, east_m=east_m, north_m=north_m)
    count = len(latitude)
    snapped = SnappedPlaces(np.empty(count, np.int32), np.empty(count), np.empty(count), np.empty(count, np.int8))
    wanted = np.ones(network.edge_count, np.bool_)
    wanted.setflags(write=False)
    snap_places(build_segment_grid(network), wanted, latitude, longitude, radius_m, nearby_edges_room(1), snapped)
    for place, edge in enumerate(snapped.edge.tolist()):
        expected = edges_within(network, float(latitude[place]), float(longitude[place]), radius_m)
        distance_of = {edge: distance_m for distance_m, edge in expected}
        assert (edge >= 0) == bool(expected)
        if expected:
            assert snapped.distance_m[place] == pytest.approx(expected[0][0], abs=1e-6)
            assert distance_of[edge] == pytest.approx(expected[0][0], abs=1e-6)


def test_a_place_beside_a_road_has_distance_fraction_and_side() -> None:
    """A place north of a road that runs east lies left of it, and right of the way back."""
    road_map = ascii_road_map(
        """
        ....1....

        A-------B
        """,
        {"AB": {"oneway": "yes"}, "BA": {"oneway": "yes"}},
    )
    room = nearby_edges_room(8)
    wanted = np.array([way == road_map.way_ids["AB"] for way in road_map.network.edge_way_id])
    wanted &= road_map.network.edge_component >= 0
    wanted.setflags(write=False)
    snapper = Snapper(road_map.network)
    assert find_nearby_edges(snapper.grid, wanted, *road_map.place("1"), 50.0, room) == 1
    assert room.edge[0] == road_map.edge("AB", way="AB")
    assert room.fraction[0] == pytest.approx(0.5, abs=1e-6)
    assert room.distance_m[0] == pytest.approx(20.0, abs=0.02)
    positions = snapper.snap(*road_map.points("1"))
    assert positions.side[0] == (-1 if positions.edge[0] == road_map.edge("AB", way="AB") else 1)


def test_a_oneway_is_snapped_to_in_its_own_direction() -> None:
    """The answer is never a forbidden edge."""
    road_map = ascii_road_map(
        """
        A--1--B
        |     |
        D-----C
        """,
        {"AB": {"oneway": "-1"}, "BCDA": {}},
    )
    positions = Snapper(road_map.network).snap(*road_map.points("1"))
    assert positions.edge[0] == road_map.edge("BA", way="AB")


ISLAND = """
    A-----B-----C
                |
    1           |
                |
    X--2--Y     D  3
"""


def test_the_main_component_is_preferred_to_a_nearer_island() -> None:
    """An island's road is taken only where the main component has none within the radius."""
    road_map = ascii_road_map(ISLAND, {"AB": {}, "BC": {}, "CD": {}, "XY": {}})
    snapper = Snapper(road_map.network)
    wide = snapper.snap(*road_map.points("123"), radius_m=500)
    assert wide.component.tolist() == [0, 0, 0]
    narrow = snapper.snap(*road_map.points("123"), radius_m=35)
    assert narrow.component.tolist() == [0, 1, 0]
    nearest = snapper.snap(*road_map.points("123"), radius_m=500, home_component=None)
    assert nearest.component.tolist()[1:] == [1, 0]  # place 1 is as far from one as from the other
    assert nearest.distance_m[1] < 0.01


@pytest.mark.parametrize(
    ("places", "radius_m", "expected"),
    [
        ("13", 500, 0),  # the largest serves both
        ("2", 500, 0),  # as well as the island does
        ("2", 25, 0),  # too far away, but the only place
        ("24", 25, 1),  # both lie on the island
        ("234", 25, 1),  # two lie on the island, one on the mainland
        ("23", 35, 0),  # one on each
        ("5", 35, 0),  # none at all
        ("26", 31, 2),  # the farther one of two islands serves both
    ],
)
def test_places_are_laid_together_on_the_part_that_serves_the_most(places: str, radius_m: float, expected: int) -> None:
    """The component with a road for the most places is chosen; the largest one where others serve no more."""
    road_map = ascii_road_map(
        """
        A-----B-----C
                    |
        1           |
                    |
        X--2-4Y     D  3                 5


           P-------Q 6
        """,
        {"AB": {}, "BC": {}, "CD": {}, "XY": {}, "PQ": {}},
    )
    snapper, points = Snapper(road_map.network), road_map.points(places)
    expected_component = int(road_map.network.edge_component[road_map.edge({0: "AB", 1: "XY", 2: "PQ"}[expected])])
    assert snapper.common_component(*points, radius_m=radius_m) == expected_component
    findings = snapper.explain(*points, radius_m=radius_m, home_component=expected_component)
    served = findings.positions.component == expected_component
    assert (findings.state[served] <= SnapState.ISLAND_AVOIDED).all()
    assert (findings.state[~served] >= SnapState.ON_ISLAND).all()


def test_findings_say_why_and_where_the_nearest_routable_place_is() -> None:
    """Islands and places without a road are named, with the distance to the nearest routable place."""
    road_map = ascii_road_map(ISLAND, {"AB": {}, "BC": {}, "CD": {}, "XY": {}})
    findings = Snapper(road_map.network).explain(*road_map.points("123"), radius_m=25)
    assert findings.state.tolist() == [SnapState.ON_ROAD, SnapState.ON_ISLAND, SnapState.NO_ROAD]
    assert findings.nearest_routable.distance_m[1] == pytest.approx(40.0, abs=0.1)
    assert findings.sentence(2) == "no usable road within the radius; the nearest routable place is 30 m away"
    assert "cut off" in findings.sentence(1)
    avoided = Snapper(road_map.network).explain(*road_map.points("2"), radius_m=60)
    assert avoided.state.tolist() == [SnapState.ISLAND_AVOIDED]


COMPOUND = """
    A-----B-----C
          |
          |
          G
          |
          |
          H--1--I
"""


@pytest.mark.parametrize(
    ("gate", "state"),
    [({"access": "private"}, SnapState.ON_ROAD), ({"locked": "yes"}, SnapState.ON_ISLAND)],
)
def test_a_place_in_a_gated_compound_is_reached_where_a_visitor_is_let_in(
    gate: dict[str, str], state: SnapState
) -> None:
    """A private gate opens for whoever has a visit behind it; a locked one makes the roads behind it an island."""
    ways = {"AB": {}, "BC": {}, "BGH": {"access": "private"}, "HI": {"access": "private"}}
    road_map = ascii_road_map(COMPOUND, ways, nodes={"G": {"barrier": "gate", **gate}})
    findings = Snapper(road_map.network).explain(*road_map.points("1"), radius_m=35)
    assert findings.state.tolist() == [state]
    assert ("cut off" in findings.sentence(0)) == (state == SnapState.ON_ISLAND)
    assert findings.nearest_routable.distance_m[0] == pytest.approx(0.0 if state == SnapState.ON_ROAD else 40.0, abs=15)


@given(
    roads=osm_roads(),
    east_m=st.floats(-60_000, 60_000),
    north_m=st.floats(-60_000, 60_000),
    radius_m=st.floats(2_100, 1e6),
)
def test_a_place_far_from_every_road_gets_the_nearest_of_all(
    roads: OsmRoads, east_m: float, north_m: float, radius_m: float
) -> None:
    """However far the roads are, a place gets the nearest one within the radius, as looking at every segment says."""
    network = build_network(roads, CAR).network
    latitude, longitude = (float(degrees) for degrees in places_at(*ORIGIN_DEGREES, east_m=east_m, north_m=north_m))
    positions = Snapper(network).snap([latitude], [longitude], radius_m=radius_m, home_component=None)
    usable = [
        each for each in edges_within(network, latitude, longitude, radius_m) if network.edge_component[each[1]] >= 0
    ]
    assert (positions.edge[0] >= 0) == bool(usable)
    if usable:
        assert positions.distance_m[0] == pytest.approx(usable[0][0], abs=1e-4)


def test_every_bad_place_is_named() -> None:
    """NaN, infinity and degrees beyond the poles come back together, with their fields."""
    snapper = Snapper(ascii_road_map("A--B", {"AB": {}}).network)
    with pytest.raises(InvalidGeoInputError) as caught:
        snapper.snap([np.nan, 41.0, 91.0], [8.0, np.inf, 8.0], radius_m=0.0)
    assert [violation.field for violation in caught.value.violations] == [
        "latitude_degrees[0]",
        "latitude_degrees[2]",
        "longitude_degrees[1]",
        "radius_m",
    ]


def test_a_road_without_length_can_be_snapped_to() -> None:
    """Two OSM nodes in one place make a road of no length; its places have fractions from 0 to 1 all the same."""
    roads = OsmRoads(
        way_ids=np.array([1, 2]),
        way_tags=({"highway": "residential"}, {"highway": "residential"}),
        way_first=np.array([0, 2, 4]),
        way_node_ids=np.array([1, 2, 2, 3]),
        node_ids=np.array([1, 2, 3]),
        node_latitude_degrees=np.array([41.0, 41.0, 41.001]),
        node_longitude_degrees=np.array([-8.0, -8.0, -8.0]),
        node_tags={},
        restrictions=(),
    )
    imported = build_network(roads, CAR)
    assert imported.report.zero_length_edges == 2
    positions = Snapper(imported.network).snap([41.0], [-8.0001])
    assert 0.0 <= positions.fraction[0] <= 1.0
    assert positions.distance_m[0] == pytest.approx(8.39, abs=0.01)
