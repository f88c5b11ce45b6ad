"""The road network: frozen arrays of one imported map for one profile.

A network is what the importers make and everything else reads. It holds no objects, only arrays, so that it
can be memory-mapped, shared between processes and given to compiled kernels. It never changes after import:
other speeds or closures are overlays that `geo.routing` keeps (see `geo.routing.router`).

Model
-----
* A *node* is a junction, a dead end, or a place with a meaning of its own (a barrier, a traffic signal, the via
  node of a turn restriction). OSM nodes that only bend a road are *shape points*, not nodes.
* An *edge* is one travel direction of a road piece between two nodes. Edges are sorted by tail node, so the edges
  that leave node ``v`` are ``edge_first_out[v] … edge_first_out[v + 1] - 1``: a compressed sparse row (CSR) layout.
* A *shape* is the geometry of a road piece, stored once; the two directed edges along it share it.
* Directions that the profile forbids (against a one-way, no access) are kept with `EdgeFlag.FORBIDDEN`, so that a
  track which did use them can be matched and reported. Routing never uses them.
* A *condition* is OSM's text of when a rule holds, for example ``Mo-Fr 07:00-09:00``; `geo.roads.conditions` reads it.
* A *forbidden path* is a sequence of two or more edges that may not be driven one after the other: turn
  restrictions of every kind (``no_*``, and ``only_*`` turned into what they exclude) come to this one form.

Durations are integer milliseconds and lengths integer centimetres, so that sums are exact and every algorithm
can be compared with another to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Float64Array = NDArray[np.float64]
UInt8Array = NDArray[np.uint8]
UInt16Array = NDArray[np.uint16]
AnyArray = TypeVar("AnyArray", bound=NDArray[Any])


LONGEST_EDGE_CM = (1 << 31) - 1
"""Longest length of one edge (half round the earth): only mistaken places make longer ones."""
LONGEST_EDGE_MS = (1 << 29) - 1
"""Longest duration of one edge (6 days), so that the costs of routing can hold it."""


class RoadClass(IntEnum):
    """The OSM ``highway`` value of a road (or ``route=ferry``), as a small number that arrays can hold."""

    MOTORWAY = 0
    MOTORWAY_LINK = 1
    TRUNK = 2
    TRUNK_LINK = 3
    PRIMARY = 4
    PRIMARY_LINK = 5
    SECONDARY = 6
    SECONDARY_LINK = 7
    TERTIARY = 8
    TERTIARY_LINK = 9
    UNCLASSIFIED = 10
    RESIDENTIAL = 11
    LIVING_STREET = 12
    SERVICE = 13
    TRACK = 14
    ROAD = 15
    BUSWAY = 16
    CYCLEWAY = 17
    PEDESTRIAN = 18
    FOOTWAY = 19
    PATH = 20
    STEPS = 21
    BRIDLEWAY = 22
    CORRIDOR = 23
    PLATFORM = 24
    FERRY = 25


class EdgeFlag(IntFlag):
    """Properties of an edge, one bit each."""

    FORBIDDEN = 1
    """The profile may not travel it (against a one-way, no access). Kept for matching, never routed."""
    ENDS_ONLY = 2
    """Private, destination-only or delivery-only: usable at the start or the end of a route, never in between."""
    ROUNDABOUT = 4
    FERRY = 8
    TUNNEL = 16
    BRIDGE = 32
    TOLL = 64
    UNPAVED = 128


class NodeFlag(IntFlag):
    """Properties of a node, one bit each."""

    TRAFFIC_SIGNALS = 1
    BARRIER = 2
    """A barrier that stops the profile: no path leads through this node, though one may end at it."""
    PRIVATE_GATE = 4
    """A gate for those who have business behind it. What that means for routes is said by the roads that it joins and
    by `BARRIER`, see `geo.roads.gates`."""
    BARRIER_AT_TIMES = 8
    """A barrier that stops the profile under some conditions and not under others. When nobody passes it, and when
    nobody may turn back before it, is said by forbidden paths, see `geo.roads.conditional_barriers`."""


@dataclass(frozen=True)
class TurnCosts:
    """What passing a node costs beyond the edges themselves.

    Parameters
    ----------
    turn_s
        Seconds of the sharpest ordinary turn at a junction; the cost grows with the angle
        (see `geo.routing.turn_graph`).
    u_turn_s
        Seconds of a turn back onto the opposite direction of the same road piece. At a dead end it is always
        allowed; elsewhere only where `u_turns_allowed`.
    traffic_signal_s
        Mean seconds lost at a node with traffic signals.
    u_turns_allowed
        Whether a turn back is allowed at junctions that are not dead ends.
    """

    turn_s: float = 7.5
    u_turn_s: float = 20.0
    traffic_signal_s: float = 2.0
    u_turns_allowed: bool = False


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """One imported map for one profile.

    Shapes below: ``n`` nodes, ``m`` edges, ``g`` shapes, ``k`` shape points, ``r`` forbidden paths.

    Parameters
    ----------
    profile
        Name of the profile: ``car``, ``e-bike``, ``bicycle`` or ``foot``.
    fingerprint
        Hash of content, profile and parameters (hexadecimal); equal on two machines for the same input.
    turn_costs
        What passing a node costs.
    node_osm_id, node_latitude_degrees, node_longitude_degrees, node_flags
        ``(n,)`` int64, float64, float64, uint8 (`NodeFlag`).
    edge_first_out
        ``(n + 1,)`` int32: the edges that leave node ``v`` start here.
    edge_tail, edge_head
        ``(m,)`` int32 nodes; ``edge_tail`` is ascending.
    edge_length_cm, edge_duration_ms
        ``(m,)`` int32, from 1 to `LONGEST_EDGE_CM` and `LONGEST_EDGE_MS`. Duration at the speed of the profile without
        any turn cost.
    edge_reverse
        ``(m,)`` int32: the edge in the opposite direction along the same shape, always present
        (with `EdgeFlag.FORBIDDEN` where the profile may not use it).
    edge_road_class, edge_flags
        ``(m,)`` uint8 (`RoadClass`), uint16 (`EdgeFlag`).
    edge_way_id
        ``(m,)`` int64 OSM way id.
    edge_name
        ``(m,)`` int32 index into `names`; 0 is the empty name.
    edge_component
        ``(m,)`` int32: number of the strongly connected component of the routable edges, 0 the largest
        (most edges); ``-1`` for forbidden edges.
    edge_shape, edge_is_backward
        ``(m,)`` int32 shape and bool: whether the edge runs against its shape.
    shape_first
        ``(g + 1,)`` int64: the points of shape ``s`` start here; each shape has at least two points.
    shape_latitude_degrees, shape_longitude_degrees
        ``(k,)`` float64.
    shape_osm_node_id
        ``(k,)`` int64: OSM node of each shape point.
    forbidden_path_first, forbidden_path_edges, forbidden_path_condition
        ``(r + 1,)`` int32, ``(·,)`` int32, ``(r,)`` int32: edge sequences that may not be driven, and the index of
        the condition in `conditions` under which that holds; ``-1`` always.
    conditional_edge, conditional_edge_condition, conditional_edge_flags, conditional_edge_duration_ms
        ``(q,)`` int32, int32, uint16, int32: while condition ``c`` of `conditions` holds, this edge has these flags
        (`EdgeFlag.FORBIDDEN` among them where it is closed) and this duration instead of its own. Ascending by edge;
        of the rows of one edge whose conditions hold, the last one counts.
    names
        Road names (UTF-8); index 0 is empty.
    conditions
        OSM conditions as written, for example ``Mo-Fr 07:00-09:00``, also several joined:
        ``(Sa) AND (22:00-06:00)``, and what must not hold: ``NOT (Sa)``. Where no departure is given only those hold
        of which each part is such a ``NOT``.
    source
        What the network was made from, for people: file name and size, or the place asked for.
    """

    profile: str
    fingerprint: str
    turn_costs: TurnCosts
    node_osm_id: Int64Array
    node_latitude_degrees: Float64Array
    node_longitude_degrees: Float64Array
    node_flags: UInt8Array
    edge_first_out: Int32Array
    edge_tail: Int32Array
    edge_head: Int32Array
    edge_length_cm: Int32Array
    edge_duration_ms: Int32Array
    edge_reverse: Int32Array
    edge_road_class: UInt8Array
    edge_flags: UInt16Array
    edge_way_id: Int64Array
    edge_name: Int32Array
    edge_component: Int32Array
    edge_shape: Int32Array
    edge_is_backward: NDArray[np.bool_]
    shape_first: Int64Array
    shape_latitude_degrees: Float64Array
    shape_longitude_degrees: Float64Array
    shape_osm_node_id: Int64Array
    forbidden_path_first: Int32Array
    forbidden_path_edges: Int32Array
    forbidden_path_condition: Int32Array
    names: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    conditional_edge: Int32Array = field(default_factory=lambda: np.zeros(0, np.int32))
    conditional_edge_condition: Int32Array = field(default_factory=lambda: np.zeros(0, np.int32))
    conditional_edge_flags: UInt16Array = field(default_factory=lambda: np.zeros(0, np.uint16))
    conditional_edge_duration_ms: Int32Array = field(default_factory=lambda: np.zeros(0, np.int32))
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Make every array read-only: a network never changes, and kernels see one type, memory-mapped or not."""
        for column in vars(self).values():
            if isinstance(column, np.ndarray):
                read_only(column)

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.node_osm_id)

    @property
    def edge_count(self) -> int:
        """Number of directed edges, forbidden ones included."""
        return len(self.edge_tail)

    @cached_property
    def edge_lines(self) -> tuple[Int32Array, Float64Array]:
        """Geometry laid out for drawing many edges: what is read together lies together. Made at the first use.

        Returns
        -------
        tuple[Int32Array, Float64Array]
            ``(m, 2)`` first and last point of each edge in its own direction, so that the first may be the greater;
            ``(k, 2)`` latitude and longitude in degrees of the points.
        """
        ends = np.column_stack([self.shape_first[self.edge_shape], self.shape_first[self.edge_shape + 1] - 1])
        ends[self.edge_is_backward] = ends[self.edge_is_backward, ::-1]
        points = np.column_stack([self.shape_latitude_degrees, self.shape_longitude_degrees])
        return read_only(ends.astype(np.int32)), read_only(points)

    def edge_points(self, edge: int) -> Float64Array:
        """Geometry of an edge in its own direction.

        Parameters
        ----------
        edge
            Index of the edge.

        Returns
        -------
        Float64Array
            ``(p, 2)`` latitude and longitude in degrees, ``p`` at least 2.
        """
        shape = self.edge_shape[edge]
        piece = slice(self.shape_first[shape], self.shape_first[shape + 1])
        points = np.column_stack([self.shape_latitude_degrees[piece], self.shape_longitude_degrees[piece]])
        return points[::-1] if self.edge_is_backward[edge] else points


def read_only(array: AnyArray) -> AnyArray:
    """Forbid writing to an array, so that it may be shared and kernels are compiled for one type.

    Parameters
    ----------
    array
        Changed in place.

    Returns
    -------
    AnyArray
        The same array.
    """
    array.setflags(write=False)
    return array
