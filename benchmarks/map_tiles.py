"""Makes a map of a province out of one of a city: copies side by side, joined by roads from each to the next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray
from osmium.osm import mutable

from geo.roads.from_osm_file import read_osm_file
from geo.roads.osm_roads import OsmRoads

ROADS_BETWEEN_COPIES = 25
GAP_DEGREES = 0.01


def tiled_map(source: Path, side: int, file: Path) -> None:
    """Write a map of ``side`` times ``side`` copies of another one.

    Parameters
    ----------
    source
        OSM file.
    side
        Copies in a row, and rows.
    file
        Where the new map goes; its ids are new.
    """
    roads = read_osm_file(source)
    places = np.column_stack([roads.node_latitude_degrees, roads.node_longitude_degrees])
    size_degrees = np.ptp(places, axis=0) + GAP_DEGREES
    way_nodes = np.searchsorted(roads.node_ids, roads.way_node_ids)
    is_there = roads.node_ids[np.minimum(way_nodes, len(roads.node_ids) - 1)] == roads.way_node_ids
    copies = [(row, column) for row in range(side) for column in range(side)]
    with osmium.SimpleWriter(file, overwrite=True) as writer:
        for copy, shift in enumerate(copies):
            _write_nodes(writer, roads, places + size_degrees * shift, 1 + copy * len(places))
        for copy in range(len(copies)):
            _write_ways(writer, roads, way_nodes, is_there, copy)
        _write_joins(writer, _joins(places, np.unique(way_nodes[is_there]), side), 1 + len(copies) * len(roads.way_ids))
        for copy in range(len(copies)):
            _write_restrictions(writer, roads, copy)


def _write_nodes(writer: osmium.SimpleWriter, roads: OsmRoads, places: NDArray[np.float64], first_id: int) -> None:
    for node_id, osm_id, (latitude, longitude) in zip(
        range(first_id, first_id + len(places)), roads.node_ids.tolist(), places.tolist(), strict=True
    ):
        tags = roads.node_tags.get(osm_id, {})
        writer.add_node(mutable.Node(id=node_id, location=(longitude, latitude), tags=tags, version=1))


def _write_ways(
    writer: osmium.SimpleWriter, roads: OsmRoads, nodes: NDArray[np.int64], is_there: NDArray[np.bool_], copy: int
) -> None:
    first_node, first_way = 1 + copy * len(roads.node_ids), 1 + copy * len(roads.way_ids)
    for way, tags in enumerate(roads.way_tags):
        part = slice(roads.way_first[way], roads.way_first[way + 1])
        references = (first_node + nodes[part][is_there[part]]).tolist()
        writer.add_way(mutable.Way(id=first_way + way, nodes=references, tags=tags, version=1))


def _joins(places: NDArray[np.float64], road_nodes: NDArray[np.int64], side: int) -> list[tuple[int, int]]:
    """Pairs of new node ids, of the last road node before a border and the first one behind it, band by band."""
    pairs = []
    for axis in (0, 1):
        along, across = places[road_nodes, 1 - axis], places[road_nodes, axis]
        band = np.minimum(ROADS_BETWEEN_COPIES * (along - along.min()) / np.ptp(along), ROADS_BETWEEN_COPIES - 1)
        for number in range(ROADS_BETWEEN_COPIES):
            inside = np.flatnonzero(band.astype(int) == number)
            if len(inside):
                first, last = (road_nodes[inside[pick(across[inside])]] for pick in (np.argmin, np.argmax))
                pairs.append((axis, int(first), int(last)))
    joins = []
    for row in range(side):
        for column in range(side):
            here = row * side + column
            for axis, first, last in pairs:
                if (row if axis == 0 else column) + 1 < side:
                    there = here + (side if axis == 0 else 1)
                    joins.append((1 + here * len(places) + last, 1 + there * len(places) + first))
    return joins


def _write_joins(writer: osmium.SimpleWriter, joins: list[tuple[int, int]], first_id: int) -> None:
    for number, ends in enumerate(joins):
        writer.add_way(mutable.Way(id=first_id + number, nodes=list(ends), tags={"highway": "secondary"}, version=1))


def _write_restrictions(writer: osmium.SimpleWriter, roads: OsmRoads, copy: int) -> None:
    """Write the restrictions whose members are all in the map."""
    node_of, way_of = (
        {osm_id: 1 + copy * len(ids) + index for index, osm_id in enumerate(ids.tolist())}
        for ids in (roads.node_ids, roads.way_ids)
    )
    for number, relation in enumerate(roads.restrictions):
        members = [
            (member.kind, {"n": node_of, "w": way_of}.get(member.kind, {}).get(member.osm_id), member.role)
            for member in relation.members
        ]
        if all(osm_id is not None for _, osm_id, _ in members):
            relation_id = 1 + copy * len(roads.restrictions) + number
            tags = dict(relation.tags)
            writer.add_relation(mutable.Relation(id=relation_id, members=members, tags=tags, version=1))
