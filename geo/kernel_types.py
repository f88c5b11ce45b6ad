"""What spares the compiler work: one type of integer, and kernels that only kernels call.

Numba compiles a function once for every combination of argument types, and a constant or an element of an int32 array
is a type of its own. Where such a value goes into another kernel, `int64` spares compiling that one again. And it
compiles, beside every function, a wrapper that lets Python call it; `inner_kernel` does without: measured on the
kernels of routing, a quarter of the time.
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


@inner_kernel
def int64(value: int) -> int:
    """Widen a number.

    Parameters
    ----------
    value
        Any integer.

    Returns
    -------
    int
        The same number, for the compiler a 64-bit one.
    """
    return np.int64(value)  # type: ignore[return-value]  # an int for whoever calls it without the compiler
