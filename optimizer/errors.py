"""Every error that `optimizer` raises on purpose.

The tree::

    OptimizerError
    ├── InvalidProblemError (ValueError)   the problem breaks a rule; lists every violation
    └── SolverFailedError (RuntimeError)   a solver ended without an answer that it should have had
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One broken rule of a problem.

    Parameters
    ----------
    field
        Path of the offending field, for example ``visits[3].time_windows[0]``.
    description
        What is wrong and what would be right, in one sentence.
    """

    field: str
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
