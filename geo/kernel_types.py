"""One type of integer for all kernels.

Numba compiles a function once for every combination of argument types, and a constant or an element of an int32 array
is a type of its own. Where such a value goes into another kernel, `int64` spares compiling that one again.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
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
