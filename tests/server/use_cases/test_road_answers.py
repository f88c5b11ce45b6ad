"""Places on edges are drawn where routes begin and end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.routing.route import Route
from geo.routing.route_geometry import route_points
from server.use_cases.road_answers import edge_coordinates
from tests.ascii_road_map import ascii_road_map

ROAD_MAP = ascii_road_map(
    """
      A-----B
       \\     \\
        C-----D----E
    """,
    {"ABDE": {}, "ACD": {"oneway": "yes"}},
    grid_m=30,
)


@given(st.lists(st.tuples(st.integers(-1, ROAD_MAP.network.edge_count - 1), st.floats(0, 1)), max_size=20))
def test_a_place_on_an_edge_is_where_a_route_from_there_begins(places: list[tuple[int, float]]) -> None:
    """Each place is the first point of a route that starts there; where there is no edge there is no place."""
    network = ROAD_MAP.network
    edges = np.array([edge for edge, _ in places], np.int32)
    fractions = np.array([fraction for _, fraction in places], np.float64)
    latitude, longitude = edge_coordinates(network, edges, fractions)
    for index, (edge, fraction) in enumerate(places):
        if edge < 0:
            assert np.isnan(latitude[index])
            continue
        begin = route_points(network, Route(0, 0, np.array([edge], np.int32), fraction, fraction))[0]
        np.testing.assert_allclose((latitude[index], longitude[index]), begin, rtol=0, atol=1e-9)
