"""How kernels are compiled that only other kernels call, and one type for all integers that go into them.

Numba compiles, beside every function, a wrapper that lets Python call it; without it a kernel is ready a quarter
sooner. And it compiles a function anew for every combination of argument types, of which a constant and an element of
an int32 array are types of their own: where they go into a kernel, `int64` spares compiling it again. The roads have
the same of their own (`geo.kernel_types`), since neither package may import the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Options that numba knows and its stubs do not."""

_COUNTS_REFERENCES: dict[str, Any] = {"_nrt": True}
"""A kernel that allocates says so: from a caller that does not (`optimizer.search.kernel`) it would inherit that."""

int64: Callable[[int], int] = np.int64  # type: ignore[assignment]  # to whoever reads the code it stays a number
"""Widens any integer to 64 bits, also for the compiler."""


def inner_kernel(function: Kernel) -> Kernel:
    """Compile a kernel that Python cannot call, unless the compiler is switched off.

    Parameters
    ----------
    function
        The kernel.

    Returns
    -------
    Kernel
        The same, compiled at its first use.
    """
    compiled: Kernel = njit(nogil=True, cache=True, **_COUNTS_REFERENCES, **WITHOUT_WRAPPERS)(function)
    return compiled


def allocating_kernel(function: Kernel) -> Kernel:
    """Compile a kernel that Python calls as well as kernels that allocate nothing themselves.

    Parameters
    ----------
    function
        The kernel.

    Returns
    -------
    Kernel
        The same, compiled at its first use.
    """
    compiled: Kernel = njit(nogil=True, cache=True, **_COUNTS_REFERENCES)(function)
    return compiled
