"""The random numbers of the search against plain integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from optimizer.search.random_kernels import below, random_state, uniform


def naive_next(bits: int) -> int:
    """Shift and fold 64 bits as Marsaglia (2003) writes it, in whole numbers of any size."""
    bits = (bits ^ (bits << 13)) % (1 << 64)
    bits ^= bits >> 7
    return (bits ^ (bits << 17)) % (1 << 64)


@njit(nogil=True)
def draw(random: NDArray[np.uint64]) -> float:
    """Draw a number; Python cannot call the kernel itself."""
    return uniform(random)


@njit(nogil=True)
def draw_below(random: NDArray[np.uint64], count: int) -> int:
    """Draw a whole number."""
    return below(random, count)


@pytest.mark.twin_of("optimizer.search.random_kernels")
@pytest.mark.interpreted
@given(st.integers(), st.integers(0, 50), st.integers(1, 10**6))
def test_numbers_are_those_of_the_twin(seed: int, stream: int, count: int) -> None:
    """Each draw is the upper 52 bits of the next state, never 0 or 1, and whole numbers stay below their bound."""
    random = random_state(seed, stream)
    bits = int(random[0])
    for _ in range(4):
        bits = naive_next(bits)
        expected = ((bits >> 12) + 0.5) / (1 << 52)
        assert draw(random) == expected
        assert 0.0 < expected < 1.0
        bits = naive_next(bits)
        drawn = draw_below(random, count)
        assert drawn == int(((bits >> 12) + 0.5) / (1 << 52) * count)
        assert 0 <= drawn < count
