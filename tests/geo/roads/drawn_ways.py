"""One road between two letters, in a world with one other road: what its tags make of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from geo.roads.network import EdgeFlag
from tests.ascii_road_map import AsciiRoadMap, ascii_road_map

PICTURE = """
    A---------B
    |         |
    D---------C
"""
OPEN, ENDS_ONLY, CLOSED, ABSENT = "open", "ends only", "closed", "absent"


def drawn_way(tags: Mapping[str, str], profile: str, *, grid_m: float = 10.0) -> AsciiRoadMap:
    """Draw the road A-B, ten steps of the grid long, with tags, beside a road that everybody may use."""
    other_road = {"highway": "residential", "foot": "yes"}
    return ascii_road_map(PICTURE, {"AB": tags, "BCDA": other_road}, profile=profile, grid_m=grid_m)


def directions(tags: Mapping[str, str], profile: str) -> tuple[str, str]:
    """Whether a road is open from A to B and from B to A."""
    road_map = drawn_way(tags, profile)
    if road_map.way_ids["AB"] not in road_map.network.edge_way_id:
        return ABSENT, ABSENT
    flags = [EdgeFlag(int(road_map.network.edge_flags[road_map.edge(text, way="AB")])) for text in ("AB", "BA")]
    forward, backward = (
        CLOSED if EdgeFlag.FORBIDDEN in flag else ENDS_ONLY if EdgeFlag.ENDS_ONLY in flag else OPEN for flag in flags
    )
    return forward, backward


def speed_kmh(tags: Mapping[str, str], profile: str, edge: str = "AB") -> float:
    """Speed that the duration of the road A-B stands for."""
    road_map = drawn_way(tags, profile)
    index = road_map.edge(edge, way="AB")
    length_cm, duration_ms = road_map.network.edge_length_cm[index], road_map.network.edge_duration_ms[index]
    return float(length_cm * 36.0 / duration_ms)


def about(kmh: float) -> object:
    """Equal to a speed but for the rounding of durations to milliseconds."""
    return pytest.approx(kmh, rel=1e-3)
