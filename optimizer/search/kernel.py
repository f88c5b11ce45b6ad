"""How the kernels of the search are compiled.

The kernels allocate nothing: they work in arrays that the caller owns. So reference counts are switched off
(``_nrt=False``): with them every call counted each array of its arguments up and down atomically, which took eleven
twelfths of the time. A kernel that is called for every candidate position is inlined, because the tuples of arrays
would otherwise be copied for each call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

from optimizer.inner_kernel import WITHOUT_WRAPPERS

_Function = TypeVar("_Function", bound=Callable[..., Any])

# numba's types do not list these options; its own code uses both.
_OPTIONS: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": False}


def kernel(function: _Function) -> _Function:
    """Compile a function that allocates nothing."""
    return njit(**_OPTIONS)(function)


def inner_kernel(function: _Function) -> _Function:
    """Compile a function that allocates nothing and that only other kernels call."""
    return njit(**_OPTIONS, **WITHOUT_WRAPPERS)(function)


def merged_kernel(function: _Function) -> _Function:
    """Compile a function that allocates nothing as if it were written in its only caller, which takes half the time."""
    return njit(**_OPTIONS, inline="always")(function)


def inlined_kernel(function: _Function) -> _Function:
    """Compile a function that allocates nothing, and that only other kernels call, into each of its callers."""
    return njit(**_OPTIONS, **WITHOUT_WRAPPERS, forceinline=True)(function)
