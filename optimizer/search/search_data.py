"""What does not change during a search, as the kernels read it.

A *node* is a visit or one end of a worker's route. With ``n`` visits and ``w`` workers the nodes are numbered::

    0 … n-1            the visits
    n … n+w-1          the start of each worker's route
    n+w … n+2w-1       the end of each worker's route

A *place* is a row of the travel tables: one for each visit (with its number), one for each distinct start or end
location, and one that stands for an open end, from and to which every way is zero.

Times are moved so that the earliest shift starts at 0. Costs are in *fine* units of 1/18000 cost unit, in which the
price of every second (5 · cost per hour) and of every metre (18 · cost per km) is whole, so that sums of differences
stay exact.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FINE_PER_COST_UNIT: Final = 18_000
FINE_PER_SECOND: Final = 5
"""Fine units per second at 1 cost unit per hour."""
FINE_PER_METRE: Final = 18
"""Fine units per metre at 1 cost unit per kilometre."""

NEVER: Final = 1 << 30
"""A time after everything; its negative is before everything."""
NO_WAY: Final = 1 << 29
"""Seconds and metres of a way that does not exist: longer than any shift."""
NO_LIMIT: Final = 1 << 60

# Columns of the node table. First what stays as it is …
PLACE: Final = 0
OPEN: Final = 1
CLOSE: Final = 2
SERVICE: Final = 3
MORE_WINDOWS: Final = 4
# … then what a move changes. TRAVEL and LENGTH are of the leg to the next node.
STAMP: Final = 5
PREVIOUS: Final = 6
NEXT: Final = 7
WORKER: Final = 8
PROFILE: Final = 9
TRAVEL: Final = 10
LENGTH: Final = 11
EARLIEST: Final = 12
"""From here one column for each number of breaks taken: earliest departure. As many follow: latest service start."""

# Columns of `SearchData.legs_to` and `legs_from`.
SECONDS: Final = 0
METRES: Final = 1

# Columns of `SearchData.profiles`.
FIRST_PLACE: Final = 0
FIRST_VISIT: Final = 1
COST_PER_METRE: Final = 2
COST_PER_SECOND: Final = 3

# Columns of `SearchData.workers`.
WORKER_PROFILE: Final = 0
GROUP: Final = 1
FIXED_COST: Final = 2
MAX_VISITS: Final = 3
MAX_LENGTH: Final = 4
MAX_DURATION: Final = 5
CAPACITY: Final = 6
TIMED: Final = 7
BREAKS: Final = 8
REGULAR_END: Final = 9
OVERTIME_PER_SECOND: Final = 10
PERSON: Final = 11
MAX_TRAVEL: Final = 12
SOFT: Final = 13
"""Whether one of the four limits that follow has a price; then four fine units for what is beyond each."""
SOFT_VISITS: Final = 14
SOFT_LENGTH: Final = 15
SOFT_TRAVEL: Final = 16
SOFT_DURATION: Final = 17
PER_EXTRA_VISIT: Final = 18
PER_EXTRA_METRE: Final = 19
PER_EXTRA_TRAVEL_SECOND: Final = 20
PER_EXTRA_SECOND: Final = 21
FIRST_BREAK: Final = 22
"""From here three columns for each break: earliest start, latest start, duration."""
BREAK_COLUMNS: Final = 3

# Columns of `SearchData.visits`.
UNSERVED: Final = 0
LOAD: Final = 1
FIRST_BOND: Final = 2

# Columns of `SearchData.bonds`, and kinds of bonds: where a visit must be if the other is planned.
OTHER: Final = 0
KIND: Final = 1
APART: Final = 0
"""On another route."""
TOGETHER: Final = 1
"""On a route of the same person, anywhere."""
AHEAD: Final = 2
"""On the same route, before the other."""
DIRECTLY_AHEAD: Final = 3
BEHIND: Final = 4
"""On the same route, after the other."""
DIRECTLY_BEHIND: Final = 5


class SearchData(NamedTuple):
    """The problem in arrays.

    Parameters
    ----------
    legs_to
        ``(matrices · places · places, 2)`` int32: seconds and metres from one place to another; the row of a leg is
        the profile's FIRST_PLACE + from · places + to.
    legs_from
        The same with the two places exchanged, so that all ways *to* a visit lie side by side. It is the same array
        where all matrices are symmetric.
    profiles
        ``(profiles, 4)`` int64: each way of travelling at each price; where its legs begin, where its rows in
        `optimizer.search.neighbourhood.Neighbourhood.predecessors` begin, fine units per metre and per second.
    workers
        ``(workers, columns)`` int64. Workers of one GROUP are alike in everything. A worker is TIMED if the duration
        or the end of the route has a price, or the duration a limit. Workers with one PERSON are that person's shifts.
    visits
        ``(visits, 3)`` int64: fine units for leaving the visit out, its load, and where its bonds begin, -1 if it has
        none.
    bonds
        ``(k, 2)`` int32: for each visit with bonds the other visit and the kind of the bond, ended by a row of -1.
    allowed
        ``(groups, visits)`` bool: whether workers of the group may serve the visit.
    dislikes
        ``(groups, visits)`` int64: fine units more where a worker of the group serves the visit.
    windows
        ``(k, 2)`` int32: for visits with several windows the second and following ones, ended by a row of `NEVER`.
    places
        How many places there are.
    """

    legs_to: NDArray[np.int32]
    legs_from: NDArray[np.int32]
    profiles: NDArray[np.int64]
    workers: NDArray[np.int64]
    visits: NDArray[np.int64]
    bonds: NDArray[np.int32]
    allowed: NDArray[np.bool_]
    dislikes: NDArray[np.int64]
    windows: NDArray[np.int32]
    places: int
