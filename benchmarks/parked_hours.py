"""An hour parked: how many metres a track that does not move adds to the mileage, at every sampling rate."""

from __future__ import annotations

import math

import numpy as np

from geo.audit_track import audit_track
from geo.geodesy import METRES_PER_DEGREE
from geo.matching.map_matcher import MapMatcher
from geo.roads.from_osm_file import import_osm_file
from geo.roads.network import RoadNetwork
from geo.roads.profiles import CAR
from geo.routing.router import Router
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from server.demo.places import HELSINKI_FILE

RATES_S = (1, 5, 10, 15, 30, 60, 120)
MEMORIES_S = (0.0, 30.0, 120.0, 600.0)
"""How long noise stays the same; 0 is white."""
NOISE_M = 5.0
HOUR_S = 3600


def parked_hour(network: RoadNetwork, *, rate_s: int, memory_s: float, seed: int) -> Track:
    """Record an hour some metres beside a random road.

    Parameters
    ----------
    network
        The roads.
    rate_s
        Seconds between fixes.
    memory_s
        How long the noise stays the same: first-order autoregressive; 0 is white.
    seed
        Chooses the place and the noise.

    Returns
    -------
    Track
        A fix each `rate_s` seconds.
    """
    chance = np.random.default_rng(seed)
    edge = int(chance.choice(np.flatnonzero(network.edge_component == 0)))
    latitude, longitude = network.edge_points(edge)[0]
    count = HOUR_S // rate_s + 1
    noise = chance.standard_normal((2, count))
    keep = math.exp(-rate_s / memory_s) if memory_s > 0.0 else 0.0
    for point in range(1, count):
        noise[:, point] = keep * noise[:, point - 1] + math.sqrt(1.0 - keep * keep) * noise[:, point]
    north, east = (NOISE_M * noise + chance.normal(0.0, 12.0, (2, 1))) / METRES_PER_DEGREE
    return recorded_track(
        1_750_000_000_000 + 1000 * rate_s * np.arange(count),
        latitude + north,
        longitude + east / math.cos(math.radians(latitude)),
    )


def parked_phantom_m(seeds: int) -> dict[str, float]:
    """Measure parked hours in the centre of Helsinki.

    Parameters
    ----------
    seeds
        Hours per rate and kind of noise.

    Returns
    -------
    dict[str, float]
        ``parked_phantom_m_{r}s``: the most metres that any of them adds, by rate.
    """
    network = import_osm_file(HELSINKI_FILE, CAR).network
    matcher, router = MapMatcher(network), Router.build(network)
    return {
        f"parked_phantom_m_{rate_s}s": max(
            audit_track(
                parked_hour(network, rate_s=rate_s, memory_s=memory_s, seed=seed), None, matcher, router
            ).mileage.total_m
            for memory_s in MEMORIES_S
            for seed in range(seeds)
        )
        for rate_s in RATES_S
    }
