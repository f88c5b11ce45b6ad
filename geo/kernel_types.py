"""What spares the compiler work: one type of integer, and kernels that only kernels call.

Numba compiles a function once for every combination of argument types, and a constant or an element of an int32 array
is a type of its own. Where such a value goes into another kernel, `int64` spares compiling that one again. And it
compiles, beside every function, a wrapper that lets Python call it; `inner_kernel` does without: measured on the
kernels of routing, a quarter of the time. Each function is optimised and turned into machine code on its own, and once
more in each of its callers; a `merged_kernel` is so in its caller alone: measured on the kernels of the planner's
search, half the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def inner_kernel(function: Kernel) -> Kernel:
    """Decorate a kernel that only other kernels call: Python cannot, unless the compiler is switched off.

    Parameters
    ----------
    function
        The kernel.

    Returns
    -------
    Kernel
        The same, compiled at its first use.
    """
    # Options that numba knows and its stubs do not.
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled: Kernel = njit(nogil=True, cache=True, **options)(function)
    return compiled


def merged_kernel(function: Kernel) -> Kernel:
    """Decorate a kernel that is compiled as if it were written where it is called: in one place, or of few lines.

    Parameters
    ----------
    function
        The kernel.

    Returns
    -------
    Kernel
        The same; Python may call it too, then it is compiled once more.
    """
    options: dict[str, Any] = {"inline": "always"}
    compiled: Kernel = njit(nogil=True, cache=True, **options)(function)
    return compiled


int64: Callable[[int], int] = np.int64  # type: ignore[assignment]  # to whoever reads the code it stays a number
"""Widens any integer to 64 bits, also for the compiler."""
