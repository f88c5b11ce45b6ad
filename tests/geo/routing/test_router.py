"""The router against the naive oracle, and its rules one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnreachableError
from geo.routing.router import Router
from tests.geo.routing.drawn_networks import random_networks, random_places
from tests.naive_routing import NaiveRoads, naive_costs, recomputed_cost


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_matrix_equals_naive_dijkstra(data: st.DataObject) -> None:
    """Every entry of a travel matrix equals the naive search, to the last digit."""
    network = data.draw(random_networks())
    origins, destinations = data.draw(random_places(network)), data.draw(random_places(network))
    matrix = Router.build(network).travel_matrix(origins, destinations)
    roads = NaiveRoads(network)
    for origin in range(len(origins)):
        expected = [cost for cost, _ in naive_costs(roads, origins, origin, destinations)]
        found = list(zip(matrix.duration_ms[origin].tolist(), matrix.length_cm[origin].tolist(), strict=True))
        assert found == expected


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_route_equals_matrix_and_its_own_sum(data: st.DataObject) -> None:
    """A route costs what the matrix says, its edges and turns add up to that, and no turn of it is forbidden."""
    network = data.draw(random_networks())
    places = data.draw(random_places(network))
    router = Router.build(network)
    matrix = router.travel_matrix(places, places)
    for origin, destination in np.ndindex(matrix.duration_ms.shape):
        if places.edge[origin] < 0 or places.edge[destination] < 0:
            assert not matrix.reachable[origin, destination]
        elif matrix.reachable[origin, destination]:
            route = router.route(places, places, origin=origin, destination=destination)
            assert route.duration_ms == matrix.duration_ms[origin, destination]
            assert route.length_cm == matrix.length_cm[origin, destination]
            assert recomputed_cost(NaiveRoads(network), route) == (route.duration_ms, route.length_cm)
        else:
            with pytest.raises(UnreachableError):
                router.route(places, places, origin=origin, destination=destination)
