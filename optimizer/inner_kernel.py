"""How kernels are compiled that only other kernels call.

Numba compiles, beside every function, a wrapper that lets Python call it; without it a kernel is
ready a quarter sooner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

WITHOUT_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Options that numba knows and its stubs do not."""


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
    compiled: Kernel = njit(nogil=True, cache=True, **WITHOUT_WRAPPERS)(function)
    return compiled
