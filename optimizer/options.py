"""How long and how a problem is solved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

MOST_THREADS: Final = 16


class Engine(Enum):
    """Who searches; the values are stable names for machines."""

    HYBRID = "hybrid"
    """The search finds, OR-Tools confirms every route, and improves small problems that the search cannot state as a
    whole."""
    SEARCH = "search"
    """Ruin and recreate alone (`optimizer.search`)."""
    ORTOOLS = "ortools"
    """The routing model of OR-Tools alone."""


@dataclass(frozen=True)
class SolveOptions:
    """Options of one solve.

    Parameters
    ----------
    time_limit_s
        Wall seconds from the call until the search ends; checking and explaining the plan comes on top.
    seed
        Makes the randomised parts repeatable.
    work_limit
        Number of iterations of the search, and of branches of OR-Tools, after which either ends, or None. A solve
        that ends by this limit, before `time_limit_s`, gives the same plan for the same problem and seed.
    engine
        Who searches.
    threads
        How many searches run side by side and share what they find, from 1 to `MOST_THREADS`; each keeps a core busy.
        The same plan again needs the same number. OR-Tools, where it has a turn, runs on one.

    Raises
    ------
    ValueError
        Where `time_limit_s` or `work_limit` is not positive, `seed` is negative, or `threads` is out of its range.
    """

    time_limit_s: float = 10.0
    seed: int = 0
    work_limit: int | None = None
    engine: Engine = Engine.HYBRID
    threads: int = 1

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0 < self.time_limit_s < math.inf:
            message = f"time_limit_s must be positive and finite (got {self.time_limit_s})"
            raise ValueError(message)
        if self.seed < 0:
            message = f"seed must not be negative (got {self.seed})"
            raise ValueError(message)
        if self.work_limit is not None and self.work_limit <= 0:
            message = f"work_limit must be positive (got {self.work_limit})"
            raise ValueError(message)
        if not 1 <= self.threads <= MOST_THREADS:
            message = f"threads must be from 1 to {MOST_THREADS} (got {self.threads})"
            raise ValueError(message)
