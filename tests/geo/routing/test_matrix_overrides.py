"""The caller's own travel times."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InvalidGeoInputError
from geo.routing.matrix_overrides import MatrixOverrides, apply_overrides
from geo.routing.route import TravelMatrix

OURS = TravelMatrix(np.array([[0, 5], [6, 0]], np.int32), np.array([[0, 50], [60, 0]], np.int32))


def overrides(*rows: tuple[int, int, int, int]) -> MatrixOverrides:
    """Make overrides from rows (origin, destination, milliseconds, centimetres)."""
    origin, destination, duration_ms, length_cm = (np.array(column) for column in zip(*rows, strict=True))
    return MatrixOverrides(origin.astype(np.int32), destination.astype(np.int32), duration_ms, length_cm)


def test_given_entries_replace_ours_and_leave_the_rest() -> None:
    """One entry gets a new cost, one becomes unreachable, the others and the matrix itself stay."""
    changed = apply_overrides(OURS, overrides((0, 1, 9, 90), (1, 0, -1, -1)))
    assert changed.duration_ms.tolist() == [[0, 9], [-1, 0]]
    assert changed.length_cm.tolist() == [[0, 90], [-1, 0]]
    assert changed.reachable.tolist() == [[True, True], [False, True]]
    assert OURS.duration_ms.tolist() == [[0, 5], [6, 0]]


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([(2, 0, 1, 1)], ["origin[0]"]),
        ([(0, -1, 1, 1)], ["destination[0]"]),
        ([(0, 1, 1, 1), (0, 1, 2, 2)], ["origin[1]"]),  # given twice
        ([(0, 1, -2, 1)], ["duration_ms[0]"]),
        ([(0, 1, 1 << 31, 1)], ["duration_ms[0]"]),  # would not fit the matrix
        ([(0, 1, -1, 7)], ["duration_ms[0]"]),  # unreachable with a length
        ([(5, 0, 1, 1), (0, 1, 1, -9)], ["origin[0]", "length_cm[1]"]),  # all at once
    ],
)
def test_impossible_overrides_are_all_named(rows: list[tuple[int, int, int, int]], fields: list[str]) -> None:
    """Every wrong entry is named by its field and index."""
    with pytest.raises(InvalidGeoInputError) as raised:
        apply_overrides(OURS, overrides(*rows))
    assert [violation.field for violation in raised.value.violations] == fields
