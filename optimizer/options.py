"""How long and how a problem is solved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SolveOptions:
    """Options of one solve.

    Parameters
    ----------
    time_limit_s
        Wall seconds for the search; the answer comes a little later.
    seed
        Makes the randomised parts repeatable.

    Raises
    ------
    ValueError
        Where `time_limit_s` is not positive.
    """

    time_limit_s: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not self.time_limit_s > 0:
            message = f"time_limit_s must be positive (got {self.time_limit_s})"
            raise ValueError(message)
