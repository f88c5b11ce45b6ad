"""How the kernels of the planner are compiled, and one type for all integers that go into them.

Most kernels allocate nothing: they work in arrays that the caller owns. For these reference counts are switched off
(``_nrt=False``): with them every call counted each array of its arguments up and down atomically, which took eleven
twelfths of the time of the search. A kernel that does allocate says so in its name here: from a caller that does not it
would inherit the switch, and fail.

Numba compiles, beside every function, a wrapper that lets Python call it; without it a kernel is ready a quarter
sooner. And it compiles a function anew for every combination of argument types, of which a constant and an element of
an int32 array are types of their own: where they go into a kernel, `int64` spares compiling it again. A kernel that is
called for every candidate position is inlined, because the tuples of arrays would otherwise be copied for each call.
The roads have the same of their own (`geo.kernel_types`), since neither package may import the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

# Options that numba knows and its stubs do not.
_WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_ALLOCATING: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": True}
_ALLOCATING_NOTHING: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": False}

int64: Callable[[int], int] = np.int64  # type: ignore[assignment]  # to whoever reads the code it stays a number
"""Widens any integer to 64 bits, also for the compiler."""


def kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING)(function)
    return compiled


def inner_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing and that only other kernels call."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING, **_WITHOUT_WRAPPERS)(function)
    return compiled


def merged_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing as if it were written in its only caller, which takes half the time."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING, inline="always")(function)
    return compiled


def inlined_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that allocates nothing, and that only other kernels call, into each of its callers."""
    compiled: _Kernel = njit(**_ALLOCATING_NOTHING, **_WITHOUT_WRAPPERS, forceinline=True)(function)
    return compiled


def allocating_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that Python calls as well as kernels that allocate nothing themselves."""
    compiled: _Kernel = njit(**_ALLOCATING)(function)
    return compiled


def allocating_inner_kernel(function: _Kernel) -> _Kernel:
    """Compile a function that only other kernels call, whether they allocate or not."""
    compiled: _Kernel = njit(**_ALLOCATING, **_WITHOUT_WRAPPERS)(function)
    return compiled
