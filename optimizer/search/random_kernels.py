"""Random numbers for the search kernels: one small generator state per search, shared with nobody.

numpy's global generator inside Numba is per thread and would couple searches that run one after the other in
the same thread. Here the state is a one-element array that the caller owns: two threads with two states never
meet, and a seed gives the same numbers on every machine.

The generator is xorshift64 [1]_, made of shifts and exclusive ors only, so that it also runs without Numba, where
numpy would warn about the wrap-around of a multiplication.

References
----------
.. [1] Marsaglia, G. (2003). Xorshift RNGs. Journal of Statistical Software 8(14).
       https://doi.org/10.18637/jss.v008.i14
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel

_MASK_64 = (1 << 64) - 1
_SHIFT_A = np.uint64(13)
_SHIFT_B = np.uint64(7)
_SHIFT_C = np.uint64(17)
_TO_52_BITS = np.uint64(12)
_UNIT_52 = 1.0 / (1 << 52)


def random_state(seed: int, stream: int = 0) -> NDArray[np.uint64]:
    """Build a generator state.

    Parameters
    ----------
    seed
        Any integer.
    stream
        Tells apart generators with the same seed.

    Returns
    -------
    NDArray[np.uint64]
        ``(1,)`` state, never zero. Neighbouring seeds give unrelated states (splitmix64 finaliser).
    """
    mixed = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + 0x9E3779B97F4A7C15) & _MASK_64
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK_64
    mixed ^= mixed >> 31
    return np.array([mixed or 1], np.uint64)


@inlined_kernel
def uniform(random: NDArray[np.uint64]) -> float:
    """Draw a number in (0, 1): never 0, so that its logarithm exists."""
    bits = random[0]
    bits ^= bits << _SHIFT_A
    bits ^= bits >> _SHIFT_B
    bits ^= bits << _SHIFT_C
    random[0] = bits
    return (np.float64(bits >> _TO_52_BITS) + 0.5) * _UNIT_52


@inlined_kernel
def below(random: NDArray[np.uint64], count: int) -> int:
    """Draw a whole number in [0, count)."""
    return int(uniform(random) * count)
