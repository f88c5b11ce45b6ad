"""What every importer reads and the network builder consumes: roads as OSM holds them, before any profile.

An `OsmRoads` is plain OSM: ways with tags and node ids, places of nodes, tags of the few nodes that have any, and
turn restriction relations. The readers of files, of OSMnx graphs and of drawn test maps all make one, so that there
is one path from tags to network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Tags = Mapping[str, str]


@dataclass(frozen=True)
class RelationMember:
    """One member of a relation.

    Parameters
    ----------
    kind
        ``"n"`` node, ``"w"`` way or ``"r"`` relation.
    osm_id
        OSM id of the member.
    role
        Its role, for example ``from``.
    """

    kind: str
    osm_id: int
    role: str


@dataclass(frozen=True)
class RestrictionRelation:
    """A relation of type ``restriction``, as mapped.

    Parameters
    ----------
    osm_id
        OSM id of the relation.
    tags
        Its tags.
    members
        Its members in order.
    """

    osm_id: int
    tags: Tags
    members: tuple[RelationMember, ...]

    def members_with_role(self, kind: str, role: str) -> list[int]:
        """OSM ids of the members of one kind with a role, in order.

        Parameters
        ----------
        kind, role
            As in `RelationMember`.

        Returns
        -------
        list[int]
            Their ids.
        """
        return [member.osm_id for member in self.members if member.kind == kind and member.role == role]


@dataclass(frozen=True, eq=False)
class OsmRoads:
    """Roads as OSM holds them.

    Shapes below: ``w`` ways, ``p`` node references of all ways together, ``n`` nodes.

    Parameters
    ----------
    way_ids
        ``(w,)`` int64 OSM way ids. An id may occur more than once (a reader may hand a way over in pieces).
    way_tags
        Tags of each way; at least those that `geo.roads.way_rules` reads.
    way_first
        ``(w + 1,)`` int64: the node references of way ``i`` start here.
    way_node_ids
        ``(p,)`` int64 OSM node ids. Ids without a place in `node_ids` are members missing from the file.
    node_ids
        ``(n,)`` int64 OSM ids, ascending, each once.
    node_latitude_degrees, node_longitude_degrees
        ``(n,)`` float64.
    node_tags
        Tags of the nodes that have any that matter, by OSM id.
    restrictions
        Turn restrictions.
    source
        What they were read from, for people.
    repeated_ways
        Ways that the reader met more than once under one id, and took once.
    """

    way_ids: NDArray[np.int64]
    way_tags: tuple[Tags, ...]
    way_first: NDArray[np.int64]
    way_node_ids: NDArray[np.int64]
    node_ids: NDArray[np.int64]
    node_latitude_degrees: NDArray[np.float64]
    node_longitude_degrees: NDArray[np.float64]
    node_tags: Mapping[int, Tags]
    restrictions: tuple[RestrictionRelation, ...]
    source: str = ""
    repeated_ways: int = 0
