"""A route's points on the map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.roads.network import RoadNetwork
from geo.routing.route import Route
from geo.routing.route_geometry import route_points
from geo.routing.router import Router
from tests.ascii_road_map import ascii_road_map
from tests.geo.routing.drawn_networks import places_on

METRES_PER_DEGREE = 111_195.0

BENT = ascii_road_map(
    """
    A----B    E
         |    |
         C----D
    """,
    {"ABCD": {}, "DE": {}},
)


def naive_points(network: RoadNetwork, route: Route) -> np.ndarray:
    """Join the edges' points, then cut at both ends by walking along the chords."""
    edges = route.edges.tolist()
    pieces = [network.edge_points(edge) for edge in edges]
    if len(edges) == 1:
        return cut(cut(pieces[0], route.last_fraction, keep_front=True), route.first_fraction / route.last_fraction)
    pieces[0] = cut(pieces[0], route.first_fraction)
    pieces[-1] = cut(pieces[-1], route.last_fraction, keep_front=True)
    return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])


def cut(points: np.ndarray, fraction: float, *, keep_front: bool = False) -> np.ndarray:
    """Keep the line after (or before) a share of its length."""
    scale = np.array([1.0, np.cos(np.radians(points[0, 0]))])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0) * scale, axis=1))])
    where = fraction * along[-1]
    place = np.array([np.interp(where, along, points[:, axis]) for axis in (0, 1)])
    if keep_front:
        return np.vstack([points[along < where], place])
    return np.vstack([place, points[along > where]])


@pytest.mark.twin_of("geo.routing.route_geometry_kernels")
@settings(max_examples=60)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.integers(0, 9), st.integers(0, 9))
def test_points_follow_the_edges(first: float, last: float, start: int, end: int) -> None:
    """The points are those of the edges, cut at both places."""
    network = BENT.network
    places = places_on(network, [start % network.edge_count, end % network.edge_count], [first, last])
    route = Router.build(network).route(places, places, destination=1)
    points, expected = route_points(network, route), naive_points(network, route)
    assume(len(expected) > 1)
    # A cut that falls on a shape point may repeat it or not; the drawn line is the same.
    for line, other in ((points, expected), (expected, points)):
        for point in line:
            assert distance_to_line_m(point, other) < 0.01
    np.testing.assert_allclose(points[[0, -1]], expected[[0, -1]], atol=1e-9)


def distance_to_line_m(point: np.ndarray, line: np.ndarray) -> float:
    """Metres from a point to the nearest chord of a line."""
    starts, chords = line[:-1], np.diff(line, axis=0)
    squares = np.maximum((chords**2).sum(axis=1), 1e-30)
    shares = np.clip(((point - starts) * chords).sum(axis=1) / squares, 0.0, 1.0)
    return float(np.linalg.norm(starts + shares[:, None] * chords - point, axis=1).min() * METRES_PER_DEGREE)


@pytest.mark.parametrize("fraction", [0.0, 0.4, 1.0])
def test_a_route_to_its_own_origin_has_two_equal_points(fraction: float) -> None:
    """From a place to itself, both points are that place."""
    places = places_on(BENT.network, [0, 0], [fraction, fraction])
    points = route_points(BENT.network, Router.build(BENT.network).route(places, places, destination=1))
    assert len(points) == 2
    np.testing.assert_allclose(points[0], points[1], atol=1e-12)


def test_bends_are_kept() -> None:
    """A road that bends at B and C passes both."""
    network = BENT.network
    edge = BENT.edge("AD")
    places = places_on(network, [edge, edge], [0.0, 1.0], one_direction=True)
    points = route_points(network, Router.build(network).route(places, places, destination=1))
    np.testing.assert_allclose(points, [BENT.place(letter) for letter in "ABCD"], atol=1e-9)
