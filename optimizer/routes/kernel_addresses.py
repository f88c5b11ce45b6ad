"""Holds where kernels are that others call at their addresses (`optimizer.kernel.address_of`)."""

from __future__ import annotations

from typing import NamedTuple


class KernelAddresses(NamedTuple):
    """Addresses of compiled kernels; 0 of what the problem does not need.

    Parameters
    ----------
    value
        `optimizer.routes.route_kernels.value_of_route`.
    timing
        `optimizer.routes.timing_kernels.ruled_timing`, where any worker rests or any visit has soft windows.
    rests
        `optimizer.routes.rest_kernels.cheapest_rest_timing`.
    soft_windows
        `optimizer.routes.soft_window_kernels.cheapest_soft_timing`.
    """

    value: int
    timing: int
    rests: int
    soft_windows: int


NO_ADDRESSES = KernelAddresses(0, 0, 0, 0)
"""Before anything is compiled."""
