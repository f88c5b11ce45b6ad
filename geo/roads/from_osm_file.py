"""Reads OSM files: ``.osm.pbf``, ``.osm``, ``.osm.gz`` and ``.osm.bz2``.

The file is streamed twice: first the ways with a road tag and the turn restrictions, then the nodes. Places of nodes
go straight into a compiled table (16 bytes each; on disk for large files), from which those of the roads are taken;
only nodes with a tag that matters become Python objects. So memory grows with the roads, not with the file.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from os import PathLike
from pathlib import Path
from typing import cast

import numpy as np
import osmium
from numpy.typing import NDArray

from geo.errors import RoadFileError
from geo.roads.import_report import ImportedNetwork
from geo.roads.network_builder import build_network
from geo.roads.node_rules import NODE_KEYS, node_tags_kept
from geo.roads.osm_roads import OsmRoads, RelationMember, RestrictionRelation
from geo.roads.profiles import PROFILES, Profile
from geo.roads.way_rules import way_keys

OnProgress = Callable[[str, float], None]
"""Called with what is being done and the share of the whole import that is done, from 0 to 1."""

_WAYS_PER_REPORT = 10_000
_SHARE_READING_WAYS, _SHARE_READING_NODES = 0.5, 0.2
_LARGE_FILE_BYTES = 500_000_000
"""Above this size the table of places lies on disk."""

_RESTRICTION_KEYS = (
    "restriction",
    "restriction:conditional",
    *(
        f"restriction:{vehicle}{suffix}"
        for vehicle in ("vehicle", "motor_vehicle", "motorcar", "bicycle", "electric_bicycle", "foot")
        for suffix in ("", ":conditional")
    ),
)
_WAY_KEYS = frozenset().union(*(way_keys(profile) for profile in PROFILES.values()))


def import_osm_file(
    path: str | PathLike[str], profile: Profile, *, on_progress: OnProgress | None = None
) -> ImportedNetwork:
    """Import the road network of one profile from an OSM file.

    Parameters
    ----------
    path
        The file.
    profile
        Who travels.
    on_progress
        Called from time to time; it may raise to stop the import.

    Returns
    -------
    ImportedNetwork
        The network and the report.

    Raises
    ------
    RoadFileError
        There is no such file, it is no OSM file or truncated, or it holds no road that the profile may use.
    """
    report_progress = on_progress or _no_progress
    roads = read_osm_file(path, on_progress=report_progress)
    report_progress("building the network", _SHARE_READING_WAYS + _SHARE_READING_NODES)
    imported = build_network(roads, profile)
    report_progress("done", 1.0)
    return imported


def read_osm_file(path: str | PathLike[str], *, on_progress: OnProgress | None = None) -> OsmRoads:
    """Read the roads of an OSM file, for building several profiles from one reading.

    Parameters
    ----------
    path
        The file.
    on_progress
        As in `import_osm_file`.

    Returns
    -------
    OsmRoads
        The roads.

    Raises
    ------
    RoadFileError
        There is no such file, or it is no OSM file or truncated.
    """
    path, on_progress = Path(path), on_progress or _no_progress
    if not path.is_file():
        message = f"{path.name}: no such file"
        raise RoadFileError(message)
    try:
        ways = _read_ways(path, on_progress)
        on_progress("reading nodes", _SHARE_READING_WAYS)
        needed = np.unique(ways.node_ids)
        places, node_tags = _read_nodes(path)
        new_places = _read_new_places(path, needed[needed < 0])
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        reason = str(error).replace(str(path), path.name)
        message = f"{path.name} is not a whole OSM file ({reason})"
        raise RoadFileError(message) from error
    node_ids, latitude_degrees, longitude_degrees = _places_of(needed, places, new_places)
    tagged = set(node_ids.tolist()) & node_tags.keys()
    way_ids, way_lengths = np.frombuffer(ways.ids, np.int64), np.frombuffer(ways.lengths, np.int64)
    is_last = _is_last_of_its_id(way_ids)
    return OsmRoads(
        way_ids=way_ids[is_last],
        way_tags=tuple(compress(ways.tags, is_last)),
        way_first=np.concatenate([[0], np.cumsum(way_lengths[is_last])]),
        way_node_ids=np.frombuffer(ways.node_ids, np.int64)[np.repeat(is_last, way_lengths)],
        node_ids=node_ids,
        node_latitude_degrees=latitude_degrees,
        node_longitude_degrees=longitude_degrees,
        node_tags={node_id: node_tags[node_id] for node_id in sorted(tagged)},
        restrictions=tuple({each.osm_id: each for each in ways.restrictions}.values()),
        source=f"{path.name} ({path.stat().st_size} bytes)",
        repeated_ways=int((~is_last).sum()),
    )


def _no_progress(_stage: str, _share: float) -> None:
    pass


@dataclass
class _Ways:
    """Ways and restrictions while they are being read."""

    ids: array[int] = field(default_factory=lambda: array("q"))
    tags: list[dict[str, str]] = field(default_factory=list)
    lengths: array[int] = field(default_factory=lambda: array("q"))
    node_ids: array[int] = field(default_factory=lambda: array("q"))
    restrictions: list[RestrictionRelation] = field(default_factory=list)


def _read_ways(path: Path, on_progress: OnProgress) -> _Ways:
    ways = _Ways()
    intern = sys.intern
    stream = osmium.FileProcessor(path, osmium.osm.WAY | osmium.osm.RELATION)
    for item in stream.with_filter(osmium.filter.KeyFilter("highway", "route", *_RESTRICTION_KEYS)):
        if isinstance(item, osmium.osm.Relation) and item.tags.get("type") == "restriction":
            ways.restrictions.append(_restriction(item))
        if not isinstance(item, osmium.osm.Way) or item.deleted:
            continue
        tags = {intern(key): intern(value) for key, value in item.tags if key in _WAY_KEYS}
        if "highway" not in tags and tags.get("route") != "ferry":
            continue
        before = len(ways.node_ids)
        ways.node_ids.extend([node.ref for node in item.nodes])
        ways.lengths.append(len(ways.node_ids) - before)
        ways.ids.append(item.id)
        ways.tags.append(tags)
        if len(ways.ids) % _WAYS_PER_REPORT == 0:
            on_progress(f"reading ways ({len(ways.ids)})", 0.0)
    return ways


def _is_last_of_its_id(way_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether no later way has the same id.

    Maps that were joined from overlapping ones name ways at the seams twice. Two roads in one place would let everybody
    turn back from one onto the other. Of several versions of a way the later one counts.
    """
    is_last = np.zeros(len(way_ids), np.bool_)
    _, first_from_end = np.unique(way_ids[::-1], return_index=True)
    is_last[len(way_ids) - 1 - first_from_end] = True
    return is_last


def _restriction(relation: osmium.osm.Relation) -> RestrictionRelation:
    members = tuple(RelationMember(member.type, member.ref, member.role) for member in relation.members)
    return RestrictionRelation(relation.id, dict(relation.tags), members)


def _read_nodes(path: Path) -> tuple[osmium.index.LocationTable, dict[int, dict[str, str]]]:
    """Places of all nodes, and the tags of those with a tag that matters."""
    is_large = path.stat().st_size > _LARGE_FILE_BYTES
    stream = osmium.FileProcessor(path, osmium.osm.NODE)
    stream.with_locations("sparse_file_array" if is_large else "flex_mem")
    stream.with_filter(osmium.filter.KeyFilter(*NODE_KEYS))
    node_tags = {node.id: kept for node in stream if (kept := node_tags_kept(dict(node.tags)))}
    return cast("osmium.index.LocationTable", stream.node_location_storage), node_tags


def _read_new_places(path: Path, needed: NDArray[np.int64]) -> dict[int, osmium.osm.Location]:
    """Places of nodes with negative ids, as editors give them before an upload: the table of places has none."""
    if not len(needed):
        return {}
    wanted = set(needed.tolist())
    nodes = (node for node in osmium.FileProcessor(path, osmium.osm.NODE) if isinstance(node, osmium.osm.Node))
    return {node.id: node.location for node in nodes if node.id in wanted}


def _places_of(
    needed: NDArray[np.int64], places: osmium.index.LocationTable, new_places: Mapping[int, osmium.osm.Location]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Those of the needed ids that have a place, with latitude and longitude in degrees."""
    found, latitude_e7, longitude_e7 = array("q"), array("i"), array("i")
    for node_id in needed.tolist():
        try:
            place = new_places[node_id] if node_id < 0 else places.get(node_id)
        except KeyError:
            continue
        if not place.valid():
            continue
        found.append(node_id)
        latitude_e7.append(place.y)
        longitude_e7.append(place.x)
    # OSM's places are whole 1e-7 degrees; dividing gives the same number as reading the decimal text would.
    return np.array(found, np.int64), np.array(latitude_e7, np.int32) / 1e7, np.array(longitude_e7, np.int32) / 1e7
