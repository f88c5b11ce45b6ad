"""Answers speak the coordinate system that was asked for, wherever a position stands in them."""

from __future__ import annotations

import numpy as np
import pytest
from odograph import v1

from geo.coordinates import CoordinateSystem, convert
from server.messages.coordinates import declared_system, speak

WGS84 = v1.CoordinateSystem.COORDINATE_SYSTEM_WGS84
BUND = (31.2400, 121.4900)


def plan() -> v1.Plan:
    """A plan with a position, a line, and no place at all."""
    stop = v1.Stop(position=v1.Position(latitude_degrees=BUND[0], longitude_degrees=BUND[1]))
    line = v1.Polyline(latitude_degrees=[BUND[0], 31.25], longitude_degrees=[BUND[1], 121.50])
    route = v1.Route(stops=[stop], legs=[v1.Leg(path=line)])
    return v1.Plan(coordinate_system=WGS84, routes=[route, v1.Route()])


@pytest.mark.parametrize("system", list(CoordinateSystem))
def test_every_position_is_converted(system: CoordinateSystem) -> None:
    """Positions and lines come out as the conversion of `geo.coordinates` makes them, and the system is named."""
    message = plan()
    speak(message, system)
    expected = convert([BUND[0], 31.25], [BUND[1], 121.50], source=CoordinateSystem.WGS84, target=system)
    place, line = message.routes[0].stops[0].position, message.routes[0].legs[0].path
    assert (place.latitude_degrees, place.longitude_degrees) == (expected[0][0], expected[1][0])
    np.testing.assert_array_equal(line.latitude_degrees, expected[0])
    np.testing.assert_array_equal(line.longitude_degrees, expected[1])
    assert declared_system(message.coordinate_system) is system


def test_a_place_off_every_road_stays_unknown() -> None:
    """NaN among matched points is no place, and stays NaN in every system."""
    points = v1.MatchedPoints(latitude_degrees=[np.nan, BUND[0]], longitude_degrees=[np.nan, BUND[1]])
    match = v1.Match(points=points)
    speak(match, CoordinateSystem.GCJ02)
    assert np.isnan(match.points.latitude_degrees[0])
    assert match.points.longitude_degrees[1] > BUND[1]


@pytest.mark.parametrize("value", [0, 99])
def test_a_system_that_is_not_declared_or_not_known_is_none(value: int) -> None:
    """Nothing, and a value of a later version, are both no declaration."""
    assert declared_system(value) is None
