"""Every error that `optimizer` raises on purpose.

The tree::

    OptimizerError
    ├── InvalidProblemError (ValueError)   the problem breaks a rule; lists every violation
    └── SolverFailedError (RuntimeError)   a solver ended without an answer that it should have had
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ViolationCode(Enum):
    """What kind of rule is broken: stable names for machines."""

    REQUIRED = "something is missing"
    OUT_OF_RANGE = "a number or time is smaller or larger than allowed"
    MALFORMED = "of another shape or type than it must have"
    UNKNOWN_REFERENCE = "an index or name of something that is not there"
    DUPLICATE = "the same twice"
    EMPTY_WINDOW = "a span of time that ends before, or when, it starts"
    OUT_OF_ORDER = "times that must follow each other do not"
    CONTRADICTION = "two rules cannot both hold"
    NO_EFFECT = "means nothing without another field"


@dataclass(frozen=True)
class Violation:
    """One broken rule of a problem.

    Parameters
    ----------
    field
        Path of the offending field, for example ``visits[3].time_windows[0]``.
    code
        What kind of rule is broken.
    description
        What is wrong and what would be right, in one sentence.
    """

    field: str
    code: ViolationCode
    description: str


class OptimizerError(Exception):
    """Root of every error that this package raises on purpose."""


class InvalidProblemError(OptimizerError, ValueError):
    """The problem breaks one or more rules.

    Parameters
    ----------
    violations
        Every broken rule, not only the first.
    """

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{violation.field}: {violation.description}" for violation in violations))
        self.violations = violations

    def __reduce__(self) -> tuple[type[InvalidProblemError], tuple[tuple[Violation, ...]]]:
        """Rebuild from the violations, so that the error survives the way between processes."""
        return type(self), (self.violations,)


class SolverFailedError(OptimizerError, RuntimeError):
    """A solver ended without an answer that it should have had."""
