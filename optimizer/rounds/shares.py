"""Decides how long each round of a solve may take, and how much it may work."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from optimizer.options import SolveOptions

_SHORTEST_S: Final = 1e-3


class Shares:
    """The time and the work of a solve, divided between its rounds.

    Where the work is limited, each round has an equal part of it and all the time that is left: so the clock decides
    nothing before the time of the whole solve is over. Otherwise each has an equal part of the time.

    Parameters
    ----------
    options
        Of the whole solve, which begins now.
    rounds
        How many there are.
    """

    def __init__(self, options: SolveOptions, rounds: int) -> None:
        self._options = options
        self._rounds = rounds
        self._begin_s = time.monotonic()

    def next(self) -> SolveOptions:
        """Return the options of a round that begins now."""
        options, work = self._options, self._options.work_limit
        if work is None:
            return replace(options, time_limit_s=options.time_limit_s / self._rounds)
        left_s = options.time_limit_s - (time.monotonic() - self._begin_s)
        return replace(options, time_limit_s=max(_SHORTEST_S, left_s), work_limit=max(1, work // self._rounds))
