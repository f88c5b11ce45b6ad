"""The memory of travel matrices: the same places are computed once, and it never grows beyond its limit."""

from __future__ import annotations

import numpy as np
import pytest

from geo.routing.positions import RoadPositions
from optimizer.problem import TravelMatrix
from server.compute import recent_matrices
from server.compute.recent_matrices import RecentMatrices


def places(*edges: int, fraction: float = 0.5, one_direction: bool = False) -> RoadPositions:
    """Places in the middle of edges."""
    count = len(edges)
    return RoadPositions(
        np.array(edges, np.int32),
        np.full(count, fraction),
        np.zeros(count),
        np.zeros(count, np.int8),
        np.zeros(count, np.int32),
        one_direction,
    )


class Counting:
    """Computes matrices, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> TravelMatrix:
        """Compute one of two places: 34 bytes for each pair."""
        self.count += 1
        return TravelMatrix(np.zeros((2, 2), np.int64), np.zeros((2, 2), np.int64), np.ones((2, 2), np.bool_))


def test_the_same_places_are_computed_once() -> None:
    """Whoever asks again gets the same arrays, which cannot be changed."""
    known, compute = RecentMatrices(), Counting()
    first = known.get(places(1, 2), compute)
    assert known.get(places(1, 2), compute) is first
    assert compute.count == 1
    with pytest.raises(ValueError, match="read-only"):
        first.duration_s[0, 1] = 7


def test_other_places_are_other_matrices() -> None:
    """The edge, the place on it, the order and the direction all count."""
    known, compute = RecentMatrices(), Counting()
    for asked in (places(1, 2), places(2, 1), places(1, 2, fraction=0.6), places(1, 2, one_direction=True)):
        known.get(asked, compute)
    assert compute.count == 4


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for two matrices the one that was asked for longest ago goes; one that is too large is not kept."""
    known, compute = RecentMatrices(), Counting()
    monkeypatch.setattr(recent_matrices, "MOST_BYTES", 2 * 68)
    for edge in (1, 2, 1, 3):
        known.get(places(edge, 9), compute)
    assert compute.count == 3
    known.get(places(1, 9), compute)
    assert compute.count == 3
    known.get(places(2, 9), compute)
    assert compute.count == 4
    monkeypatch.setattr(recent_matrices, "MOST_BYTES", 60)
    for _ in range(2):
        known.get(places(5, 9), compute)
    assert compute.count == 6
