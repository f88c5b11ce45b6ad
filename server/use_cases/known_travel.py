"""Travel times and distances that the caller knows better, for some pairs of a matrix or for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.routing.matrix_overrides import UNREACHABLE, MatrixOverrides, override_violations
from server.errors import FieldViolation, ViolationCode
from server.use_cases.places_request import PlacesField

FIELD = "overrides"
_PATHS = {
    "origin": "origin",
    "destination": "destination",
    "duration_ms": "known.duration",
    "length_cm": "known.distance_meters",
}


@dataclass(frozen=True)
class PairOverride:
    """What the caller knows of one pair.

    Parameters
    ----------
    origin, destination
        Row and column of the matrix.
    duration_ms, length_cm
        How long and how far it is; None where the request does not say.
    is_unreachable
        Whether it says that there is no way.
    """

    origin: int
    destination: int
    duration_ms: int | None
    length_cm: int | None
    is_unreachable: bool


def override_columns(
    overrides: tuple[PairOverride, ...], shape: tuple[int, int]
) -> tuple[MatrixOverrides, list[FieldViolation]]:
    """Check what the caller knows, and put it in columns.

    Parameters
    ----------
    overrides
        What the request says.
    shape
        Rows and columns of the matrix.

    Returns
    -------
    tuple[MatrixOverrides, list[FieldViolation]]
        For `geo.routing.matrix_overrides.apply_overrides`, and every broken rule.
    """
    if len(overrides) > shape[0] * shape[1]:
        too_many = f"must be at most one per entry of the matrix: {shape[0] * shape[1]} (got {len(overrides)})"
        return override_columns((), shape)[0], [FieldViolation(FIELD, ViolationCode.LIMIT_EXCEEDED, too_many)]
    violations = [
        FieldViolation(
            f"{FIELD}[{index}]",
            ViolationCode.CONTRADICTION,
            "must say either how long and how far it is, or that it is unreachable",
        )
        for index, pair in enumerate(overrides)
        if pair.is_unreachable == (pair.duration_ms is not None and pair.length_cm is not None)
    ]
    columns = MatrixOverrides(
        origin=np.array([pair.origin for pair in overrides], np.int32),
        destination=np.array([pair.destination for pair in overrides], np.int32),
        duration_ms=np.array([_entry(pair, pair.duration_ms) for pair in overrides], np.int64),
        length_cm=np.array([_entry(pair, pair.length_cm) for pair in overrides], np.int64),
    )
    for violation in override_violations(columns, shape):
        name, _, index = violation.field.rstrip("]").partition("[")
        violations.append(
            FieldViolation(
                f"{FIELD}[{index}].{_PATHS[name]}", ViolationCode[violation.code.name], violation.description
            )
        )
    return columns, violations


def without_road(known: MatrixOverrides, shape: tuple[int, int], fields: Sequence[PlacesField]) -> frozenset[str]:
    """Find the places that need no road, since the caller knows every entry of theirs.

    Parameters
    ----------
    known
        Overrides without violations.
    shape
        Rows and columns of the matrix.
    fields
        The origins; then the destinations, where they are not the origins again.

    Returns
    -------
    frozenset[str]
        The paths of these places.
    """
    is_known = np.zeros(shape, np.bool_)
    is_known[known.origin, known.destination] = True
    sides = [is_known.all(axis=1), is_known.all(axis=0)]
    is_free = sides if len(fields) == len(sides) else [sides[0] & sides[1]]
    return frozenset(
        field.paths[place] for field, free in zip(fields, is_free, strict=True) for place in np.flatnonzero(free)
    )


def _entry(pair: PairOverride, value: int | None) -> int:
    """Return an entry of the matrix; what is missing is named as such, not as a wrong number."""
    return UNREACHABLE if pair.is_unreachable or None in (pair.duration_ms, pair.length_cm) else value or 0
