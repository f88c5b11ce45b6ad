"""Puts places into an order in which neighbours on the map are mostly neighbours in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BITS = 26
"""Per axis: steps of a metre and less, for the whole earth."""


def places_in_order(
    latitude_degrees: NDArray[np.float64], longitude_degrees: NDArray[np.float64]
) -> NDArray[np.uint64]:
    """Give places numbers along a curve that fills the map.

    The bits of both coordinates take turns (Morton, "A computer oriented geodetic data base", IBM 1966).

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` places.

    Returns
    -------
    NDArray[np.uint64]
        ``(n,)`` numbers to sort by.
    """
    north = ((latitude_degrees + 90.0) / 360.0 * 2.0**_BITS).astype(np.uint64)
    east = ((longitude_degrees + 180.0) / 360.0 * (2.0**_BITS - 1.0)).astype(np.uint64)
    return np.asarray(_spread(north) << np.uint64(1) | _spread(east))


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero before every bit of numbers of 32 bits."""
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        values = (values | values << np.uint64(shift)) & np.uint64(mask)
    return values
