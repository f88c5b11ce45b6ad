"""The caller's own travel times and lengths, for all pairs or for some of them.

Whoever knows better (a ferry timetable, a measured delivery run, another engine) may give a whole matrix or replace
single entries of ours. "There is no way" is said explicitly, never by a large number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.routing.route import TravelMatrix

UNREACHABLE = -1
MAX_ENTRY = (1 << 31) - 1


@dataclass(frozen=True, eq=False)
class MatrixOverrides:
    """Entries that replace those of a matrix, ``k`` of them.

    Parameters
    ----------
    origin, destination
        ``(k,)`` int32 rows and columns.
    duration_ms, length_cm
        ``(k,)`` int64; both ``-1`` where there is no way.
    """

    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    duration_ms: NDArray[np.int64]
    length_cm: NDArray[np.int64]


def apply_overrides(matrix: TravelMatrix, overrides: MatrixOverrides) -> TravelMatrix:
    """Replace some entries of a matrix.

    Parameters
    ----------
    matrix
        The matrix.
    overrides
        What replaces which entries.

    Returns
    -------
    TravelMatrix
        A changed copy.

    Raises
    ------
    InvalidGeoInputError
        Names every entry that is outside the matrix, given twice, or no duration and length.
    """
    violations = override_violations(overrides, matrix.duration_ms.shape)
    if violations:
        raise InvalidGeoInputError(tuple(violations))
    duration_ms, length_cm = matrix.duration_ms.copy(), matrix.length_cm.copy()
    duration_ms[overrides.origin, overrides.destination] = overrides.duration_ms
    length_cm[overrides.origin, overrides.destination] = overrides.length_cm
    return TravelMatrix(duration_ms, length_cm)


def override_violations(overrides: MatrixOverrides, shape: tuple[int, int]) -> list[Violation]:
    """Find entries that are outside a matrix, given twice, or no duration and length.

    Parameters
    ----------
    overrides
        The entries.
    shape
        Rows and columns of the matrix.

    Returns
    -------
    list[Violation]
        Every broken rule, by column and index.
    """
    rows, columns = shape
    pair = overrides.origin.astype(np.int64) * columns + overrides.destination
    is_repeated = np.ones(len(pair), np.bool_)
    is_repeated[np.unique(pair, return_index=True)[1]] = False
    return [
        *_violations(
            "origin",
            overrides.origin,
            (overrides.origin < 0) | (overrides.origin >= rows),
            ViolationCode.UNKNOWN_REFERENCE,
            f"below {rows}",
        ),
        *_violations(
            "destination",
            overrides.destination,
            (overrides.destination < 0) | (overrides.destination >= columns),
            ViolationCode.UNKNOWN_REFERENCE,
            f"below {columns}",
        ),
        *_violations(
            "origin", overrides.origin, is_repeated, ViolationCode.DUPLICATE, "given once with each destination"
        ),
        *_entry_violations(overrides.duration_ms, overrides.length_cm),
    ]


def _entry_violations(duration_ms: NDArray[np.int64], length_cm: NDArray[np.int64]) -> list[Violation]:
    """Find entries that are neither a duration and a length nor explicitly unreachable."""
    is_half = (duration_ms == UNREACHABLE) != (length_cm == UNREACHABLE)
    return [
        *_violations(
            "duration_ms",
            duration_ms,
            _out_of_range(duration_ms),
            ViolationCode.OUT_OF_RANGE,
            f"-1 or 0 to {MAX_ENTRY}",
        ),
        *_violations(
            "length_cm", length_cm, _out_of_range(length_cm), ViolationCode.OUT_OF_RANGE, f"-1 or 0 to {MAX_ENTRY}"
        ),
        *_violations(
            "duration_ms", duration_ms, is_half, ViolationCode.CONTRADICTION, "-1 exactly where length_cm is -1"
        ),
    ]


def _out_of_range(entries: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say which entries do not fit the matrix."""
    return (entries < UNREACHABLE) | (entries > MAX_ENTRY)


def _violations(
    name: str, values: NDArray[np.integer], is_wrong: NDArray[np.bool_], code: ViolationCode, rule: str
) -> list[Violation]:
    """Name each wrong value by its field and index."""
    return [
        Violation(f"{name}[{', '.join(map(str, place))}]", code, f"must be {rule} (got {values[tuple(place)]})")
        for place in np.argwhere(is_wrong).tolist()
    ]
