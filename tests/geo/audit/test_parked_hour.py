"""A phone that lies still draws kilometres; the mileage of an hour parked stays below twenty metres."""

from __future__ import annotations

import pytest

from benchmarks.parked_hours import RATES_S, parked_hour
from geo.audit_track import audit_track
from geo.matching.map_matcher import MapMatcher
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.profiles import CAR
from geo.routing.router import Router
from server.demo.places import HELSINKI_FILE


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    """Return the centre of Helsinki."""
    return import_osm_file(HELSINKI_FILE, CAR).network


@pytest.fixture(scope="module")
def tools(network: RoadNetwork) -> tuple[MapMatcher, Router]:
    """Return what audits are made with."""
    return MapMatcher(network), Router.build(network)


@pytest.mark.parametrize("rate_s", RATES_S)
@pytest.mark.parametrize("memory_s", [0.0, 30.0, 600.0])
def test_an_hour_parked_adds_next_to_nothing(
    network: RoadNetwork, tools: tuple[MapMatcher, Router], rate_s: int, memory_s: float
) -> None:
    """At 5 m of noise, white or slow, at any rate, at most 20 m are counted, and zero lies in the interval."""
    track = parked_hour(network, rate_s=rate_s, memory_s=memory_s, seed=rate_s)
    mileage = audit_track(track, None, *tools).mileage
    assert mileage.total_m <= 20.0
    assert mileage.low_m == 0.0
    assert mileage.raw_chords_m > 50.0
