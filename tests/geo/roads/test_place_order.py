"""The order of nodes and roads in memory."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.roads.place_order import places_in_order

degrees = st.floats(-90.0, 90.0)


@given(st.lists(st.tuples(degrees, degrees), min_size=1, max_size=20))
def test_the_bits_of_both_coordinates_take_turns(places: list[tuple[float, float]]) -> None:
    """The number of a place is what one gets by writing the bits of latitude and longitude one after the other."""
    latitude, longitude = np.array(places).T
    for number, north, east in zip(places_in_order(latitude, longitude).tolist(), latitude, longitude, strict=True):
        rows = int((north + 90.0) / 360.0 * 2.0**26), int((east + 180.0) / 360.0 * (2.0**26 - 1.0))
        bits = "".join(f"{rows[0]:026b}"[bit] + f"{rows[1]:026b}"[bit] for bit in range(26))
        assert number == int(bits, 2)


def test_near_places_get_near_numbers() -> None:
    """Of a grid of a thousand places, most neighbours in order are neighbours on the map."""
    latitude, longitude = (axis.ravel() for axis in np.meshgrid(np.arange(32) / 1000.0, np.arange(32) / 1000.0))
    order = np.argsort(places_in_order(latitude, longitude), kind="stable")
    step = np.hypot(np.diff(latitude[order]), np.diff(longitude[order])) * 1000.0
    assert np.median(step) <= 1.5
