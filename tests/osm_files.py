"""Writes drawn or random roads as real OSM files, in every format, for tests of the importers."""

from __future__ import annotations

from pathlib import Path

import osmium
from osmium.osm import mutable

from geo.roads.osm_roads import OsmRoads


def write_osm_file(roads: OsmRoads, path: Path) -> Path:
    """Write roads to a file whose ending names the format; return its path."""
    places = zip(
        roads.node_ids.tolist(),
        roads.node_longitude_degrees.tolist(),
        roads.node_latitude_degrees.tolist(),
        strict=True,
    )
    ways = sorted(range(len(roads.way_ids)), key=lambda way: int(roads.way_ids[way]))
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node_id, longitude, latitude in places:
            tags = dict(roads.node_tags.get(node_id, {}))
            writer.add_node(mutable.Node(id=node_id, location=(longitude, latitude), tags=tags, version=1))
        for way in ways:
            nodes = roads.way_node_ids[roads.way_first[way] : roads.way_first[way + 1]].tolist()
            tags = dict(roads.way_tags[way])
            writer.add_way(mutable.Way(id=int(roads.way_ids[way]), nodes=nodes, tags=tags, version=1))
        for relation in roads.restrictions:
            members = [(member.kind, member.osm_id, member.role) for member in relation.members]
            tags = dict(relation.tags)
            writer.add_relation(mutable.Relation(id=relation.osm_id, members=members, tags=tags, version=1))
    return path
