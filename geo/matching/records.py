"""The records that the kernels of matching work on: one row of memory per edge, observation, candidate and label.

Records instead of one array per property, because the searches hop from edge to edge: what belongs together lies
together, and a kernel takes three arrays instead of thirty.

Costs are negative logarithms of probabilities ("nats"), up to a constant. Headings are unit vectors (east, north).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Records = NDArray[Any]
"""A one-dimensional array of one of the record types below."""

Record = Any
"""One element of such an array; writing to its fields writes to the array."""

EDGE = np.dtype(
    [
        ("reverse", np.int32),
        ("onward_first", np.int32),
        ("onward_stop", np.int32),
        ("turn_first", np.int32),
        ("shape", np.int32),
        ("length_m", np.float32),
        ("way_per_m", np.float32),
        ("seconds_per_m", np.float32),
        ("head_latitude", np.float64),
        ("head_longitude", np.float64),
        ("is_backward", np.bool_),
        ("is_forbidden", np.bool_),
    ],
    align=True,
)
"""An edge of the road network.

``onward_first … onward_stop - 1`` are the edges that leave its head, ``turn_first`` the place of the cost of the turn
onto the first of them. ``way_per_m`` is what a metre costs a driver who chooses ways, in metres of an average road,
``seconds_per_m`` how long it takes at the speed of the map.
"""

CELL_SEGMENT = np.dtype(
    [
        ("tail_east", np.float32),
        ("tail_north", np.float32),
        ("head_east", np.float32),
        ("head_north", np.float32),
        ("tail_share", np.float32),
        ("head_share", np.float32),
        ("segment", np.int32),
        ("edge", np.int32),
    ],
    align=True,
)
"""A straight piece of a road as a cell of the grid sees it: read one after the other, with no look elsewhere.

``…_north`` are metres from the south-west corner of the cell, ``…_east`` those that the degrees would be at the
equator: single precision is exact to a tenth of a millimetre there. ``…_share`` is the share of the shape's length
before each end, ``edge`` the edge that runs along the shape.
"""

HIT = np.dtype(
    [
        ("segment", np.int32),
        ("edge", np.int32),
        ("share", np.float32),
        ("east", np.float32),
        ("north", np.float32),
        ("distance_m", np.float32),
    ],
    align=True,
)
"""A straight piece of a road near an observation: its nearest place as a share of its edge, the distance of that, and
the metres east and north from its tail to its head."""

LAYER = np.dtype(
    [
        ("first", np.int64),
        ("last", np.int64),
        ("latitude", np.float64),
        ("longitude", np.float64),
        ("white_m", np.float64),
        ("device_m", np.float64),
        ("sigma_m", np.float64),
        ("evidence", np.float64),
        ("step_m", np.float64),
        ("reach_m", np.float64),
        ("before_east", np.float32),
        ("before_north", np.float32),
        ("after_east", np.float32),
        ("after_north", np.float32),
        ("heading_weight", np.float64),
        ("off_road_nats", np.float64),
        ("off_road_before", np.int32),
        ("candidate_first", np.int32),
        ("candidate_stop", np.int32),
        ("starts_run", np.bool_),
    ],
    align=True,
)
"""An observation: one layer of the trellis.

``first`` and ``last`` are positions among the believed points: the same for a moving observation, the ends of a stay.
``white_m`` is the standard deviation per axis of its place by white noise, ``device_m`` by the device's own estimate
(NaN where it gave none), ``sigma_m`` the one used; ``evidence`` in (0, 1] is how far it counts as new evidence.
``step_m`` are the metres from the observation before, 0 at the start of a run, ``reach_m`` those that could well be
driven since then. ``before_…`` and ``after_…`` are the headings of the movement up to it and from it, believed as far
as ``heading_weight`` in [0, 1] says. ``off_road_nats`` is the cost of the best history that is off the road there, and
``off_road_before`` the candidate before it (or a negative code of `geo.matching.viterbi_kernels`).
``starts_run``: nothing joins it to the observation before.
"""

CANDIDATE = np.dtype(
    [
        ("edge", np.int32),
        ("opposite", np.int32),
        ("next_on_edge", np.int32),
        ("before", np.int32),
        ("way", np.int32),
        ("along_m", np.float32),
        ("distance_m", np.float32),
        ("east", np.float32),
        ("north", np.float32),
        ("emission", np.float32),
        ("margin", np.float32),
        ("nats", np.float64),
    ],
    align=True,
)
"""A place on an edge where an observation may have been made.

``opposite`` is the same place on the reverse edge (``-1`` where that is no candidate), ``next_on_edge`` the next
candidate of the observation on the same edge. ``along_m`` are metres from the edge's tail, ``distance_m`` those between
observation and place, ``east`` and ``north`` the heading of the edge there. ``emission`` is the cost of the
observation, ``nats`` that of the best history ending here, ``before`` the candidate before it in that history and
``way`` the step by which it was reached (or negative codes of `geo.matching.viterbi_kernels`). ``margin`` is by how
much the best other way of getting here would have been dearer.
"""

LABEL = np.dtype(
    [
        ("mark", np.int32),
        ("goal_mark", np.int32),
        ("goal", np.int32),
        ("way", np.int32),
        ("before", np.int32),
        ("way_m", np.float32),
        ("margin", np.float32),
        ("nats", np.float64),
        ("start_nats", np.float64),
    ],
    align=True,
)
"""What a search knows of an edge; valid in the current round only.

``mark`` is twice the round once the edge has a label, and one more once the label is final; ``goal_mark`` is the round
if the edge holds a candidate to reach, ``goal`` the first such candidate. ``nats`` is the cost at the edge's tail,
``start_nats`` that at the start of the way, ``way_m`` the metres between. ``before`` is the edge before it, ``margin``
by how much coming over another edge would have been dearer. ``way`` is the step of the way that leads here
(``-1 - candidate`` where the way starts on the edge before), and once the label is final its own step.
"""

STEP = np.dtype([("edge", np.int32), ("before", np.int32), ("source", np.int32), ("margin", np.float32)], align=True)
"""One edge of a way: the step before it (``-1 - candidate`` at the start), the candidate at which the way starts, and
by how much coming to this edge over another one would have been dearer."""

HEAP_ENTRY = np.dtype([("key", np.float64), ("edge", np.int32)], align=True)
"""An entry of the binary heap of a search."""

SEGMENT = np.dtype(
    [
        ("kind", np.int64),
        ("start_ms", np.int64),
        ("end_ms", np.int64),
        ("first_point", np.int64),
        ("last_point", np.int64),
        ("first_part", np.int64),
        ("stop_part", np.int64),
        ("length_m", np.float64),
        ("confidence", np.float64),
        ("doubt_m", np.float64),
        ("link_count", np.int64),
        ("white_m", np.float64),
    ],
    align=True,
)
"""A segment of a match, as in `geo.matching.match.MatchSegment`; ``first_part … stop_part - 1`` are its parts of
edges."""
