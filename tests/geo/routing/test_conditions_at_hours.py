"""Ways at a departure, on maps where roads and turns change with the hour."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.road_exactness import ACTIVE_CONDITIONS, CONDITIONS, check_at_hours
from geo.roads.conditions import condition_holds
from geo.roads.network import RoadNetwork
from tests.geo.routing.drawn_networks import random_networks


@settings(max_examples=30)
@given(random_networks(), st.integers(0, 2**32 - 1))
def test_ways_are_those_of_the_roads_as_they_are_at_the_hour(network: RoadNetwork, seed: int) -> None:
    """With roads shut, opened, private or slower and turns forbidden at times, costs are those of the naive search."""
    _, wrong, _ = check_at_hours(network, (4, 4), np.random.default_rng(seed)).tolist()
    assert wrong == 0


def test_the_departures_are_at_the_hours_that_they_are_said_to_be() -> None:
    """Which conditions hold at the departures of the comparison is written by hand, and as the conditions are read."""
    for when, active in ACTIVE_CONDITIONS.items():
        holds = [condition_holds(text, when, is_public_holiday=False) for text in CONDITIONS]
        assert [number for number, answer in enumerate(holds) if answer] == list(active)
