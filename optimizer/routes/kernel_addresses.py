"""Holds where kernels are that others call at their addresses (`optimizer.kernel.address_of`)."""

from __future__ import annotations

from typing import NamedTuple


class KernelAddresses(NamedTuple):
    """Addresses of compiled kernels; 0 of what the problem does not need.

    Parameters
    ----------
    value
        `optimizer.routes.route_kernels.value_of_route`.
    rested_timing, soft_timing
        Of `optimizer.routes.timing_kernels`, where any worker rests, and where any visit has soft windows.
    rests, soft_windows
        `optimizer.routes.rest_kernels.cheapest_rest_timing` and
        `optimizer.routes.soft_window_kernels.cheapest_soft_timing`, where they are needed for these.
    """

    value: int
    rested_timing: int
    soft_timing: int
    rests: int
    soft_windows: int


NO_ADDRESSES = KernelAddresses(0, 0, 0, 0, 0)
"""Before anything is compiled."""
