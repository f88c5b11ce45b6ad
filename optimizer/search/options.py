"""How long and how the search looks."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SearchOptions:
    """Options of one search; the defaults of the last block are tuned.

    Parameters
    ----------
    time_limit_s
        Seconds of the clock that is given to the search.
    work_limit
        Number of iterations (of each thread) after which the search ends, or None. A search that ends by this limit
        gives the same orders for the same problem, seed and number of threads.
    seed
        Makes the randomised parts repeatable.
    threads
        How many searches run side by side and share their best plan now and then; each keeps a core busy.
    mean_removed
        Mean number of visits that one iteration removes.
    longest_string
        Most neighbours on a route that are removed together.
    exchanged_share
        Share of the iterations that exchange the tails of two routes instead of removing strings.
    hottest, coldest
        First and last temperature of the annealing, in mean costs of a leg of the first plan.
    work_of_a_round
        Fewest iterations of one round of the annealing: with few visits half of them are enough, with many routes or
        visits a round takes more.
    near_visits
        Length of the list of nearest visits.
    tried_neighbours
        Mean number of predecessors and of successors next to which an insertion is tried.

    Raises
    ------
    ValueError
        Where a number is out of its range.
    """

    time_limit_s: float = 10.0
    work_limit: int | None = None
    seed: int = 0
    threads: int = 1
    mean_removed: float = 10.0
    longest_string: float = 10.0
    exchanged_share: float = 0.4
    hottest: float = 1.0
    coldest: float = 0.01
    work_of_a_round: int = 120_000
    near_visits: int = 100
    tried_neighbours: int = 40

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("time_limit_s", "mean_removed", "longest_string", "hottest", "coldest"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                message = f"{name} must be positive and finite (got {value})"
                raise ValueError(message)
        for name in ("threads", "near_visits", "tried_neighbours", "work_limit", "work_of_a_round"):
            value = getattr(self, name)
            if value is not None and value < 1:
                message = f"{name} must be at least 1 (got {value})"
                raise ValueError(message)
        if not 0 <= self.exchanged_share <= 1:
            message = f"exchanged_share must be in [0, 1] (got {self.exchanged_share})"
            raise ValueError(message)
        if self.coldest > self.hottest:
            message = f"coldest must not exceed hottest (got {self.coldest} and {self.hottest})"
            raise ValueError(message)
