"""The obvious way to find the edges near a place: look at every segment of every edge."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import METRES_PER_DEGREE, great_circle_m
from geo.roads.network import RoadNetwork


def distance_to(points: NDArray[np.float64], latitude_degrees: float, longitude_degrees: float) -> float:
    """Metres from a place to a line of ``(p, 2)`` points, in the plane that touches the earth at the place."""
    scale = math.cos(math.radians(latitude_degrees)) * METRES_PER_DEGREE
    best_m = math.inf
    for (latitude_a, longitude_a), (latitude_b, longitude_b) in pairwise(points):
        a = np.array([(longitude_a - longitude_degrees) * scale, (latitude_a - latitude_degrees) * METRES_PER_DEGREE])
        b = np.array([(longitude_b - longitude_degrees) * scale, (latitude_b - latitude_degrees) * METRES_PER_DEGREE])
        length = float(np.dot(b - a, b - a))
        along = min(max(float(np.dot(-a, b - a)) / length, 0.0), 1.0) if length else 0.0
        best_m = min(best_m, float(np.linalg.norm(a + along * (b - a))))
    return best_m


def point_at(points: NDArray[np.float64], fraction: float) -> tuple[float, float]:
    """Place at a share of the length of a line of ``(p, 2)`` points."""
    chords = [great_circle_m(*a, *b) for a, b in pairwise(points)]
    rest_m = fraction * sum(chords)
    for chord_m, a, b in zip(chords, points[:-1], points[1:], strict=True):
        if rest_m <= chord_m and chord_m > 0.0:
            return tuple(a + (b - a) * rest_m / chord_m)
        rest_m -= chord_m
    return tuple(points[-1])


def edges_within(
    network: RoadNetwork, latitude_degrees: float, longitude_degrees: float, radius_m: float
) -> list[tuple[float, int]]:
    """Distance and number of every edge within a radius, nearest first."""
    distances = [
        (distance_to(network.edge_points(edge), latitude_degrees, longitude_degrees), edge)
        for edge in range(network.edge_count)
    ]
    return sorted((distance_m, edge) for distance_m, edge in distances if distance_m <= radius_m)
