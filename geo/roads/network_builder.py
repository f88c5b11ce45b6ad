"""Builds a `RoadNetwork` from OSM roads: the one path that files, OSMnx graphs and drawn test maps all take.

The result depends on the content only: the order of ways, of tags and of dictionaries changes nothing, and equal
content gives an equal fingerprint on every machine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.errors import RoadFileError
from geo.geodesy import great_circles_m
from geo.roads.component_kernels import TurnRules
from geo.roads.components import edge_components
from geo.roads.fingerprint import network_fingerprint
from geo.roads.import_report import ImportedNetwork, ImportReport
from geo.roads.network import EdgeFlag, NodeFlag, RoadNetwork
from geo.roads.node_rules import node_flags
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import Profile
from geo.roads.road_pieces import RoadPieces, cut_into_pieces
from geo.roads.way_rules import WayRule, way_rule


def build_network(roads: OsmRoads, profile: Profile) -> ImportedNetwork:
    """Build the road network of one profile.

    Parameters
    ----------
    roads
        What a reader read.
    profile
        Who travels.

    Returns
    -------
    ImportedNetwork
        The network and the report.

    Raises
    ------
    RoadFileError
        The input holds no road that the profile may use.
    """
    rules = [way_rule(tags, profile) for tags in roads.way_tags]
    kept_ways = np.array([rule is not None for rule in rules], np.bool_)
    flags_by_node = {node_id: node_flags(tags, profile) for node_id, tags in roads.node_tags.items()}
    meaningful = np.array(sorted(node_id for node_id, flags in flags_by_node.items() if flags), np.int64)
    pieces = cut_into_pieces(roads, kept_ways=kept_ways, meaningful_node_ids=meaningful)
    piece_length_cm = _piece_lengths_cm(roads, pieces)
    columns = _way_columns(roads, rules, pieces, piece_length_cm)
    network = _assemble(roads, profile, pieces=pieces, columns=columns, flags_by_node=flags_by_node)
    if not (network.edge_component >= 0).any():
        message = f"no road that the profile {profile.name!r} may use"
        raise RoadFileError(message)
    report = ImportReport(
        ways_read=len(rules),
        ways_of_other_profiles=int((~kept_ways).sum()),
        ways_without_roads=int(kept_ways.sum()) - len(np.unique(pieces.way)),
        cut_ways=pieces.cut_ways,
        missing_node_references=pieces.missing_node_references,
        repeated_node_references=pieces.repeated_node_references,
        zero_length_edges=2 * int((piece_length_cm == 0).sum()),
    )
    return ImportedNetwork(network, report)


class _WayColumns(NamedTuple):
    """What the rules say of each way, as columns of shape ``(w,)`` or, forward and backward, ``(2, w)``."""

    road_class: NDArray[np.uint8]
    flags: NDArray[np.uint16]
    speed_kmh: NDArray[np.float64]
    name: NDArray[np.int32]
    names: tuple[str, ...]
    piece_length_cm: NDArray[np.int64]


class _Edges(NamedTuple):
    """Directed edges in the order of their tails."""

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    piece: NDArray[np.int32]
    is_backward: NDArray[np.bool_]
    reverse: NDArray[np.int32]


def _assemble(
    roads: OsmRoads,
    profile: Profile,
    *,
    pieces: RoadPieces,
    columns: _WayColumns,
    flags_by_node: Mapping[int, NodeFlag],
) -> RoadNetwork:
    node_position, node_of_position = _number_nodes(pieces)
    edges = _directed_edges(
        node_of_position[pieces.node[pieces.first[:-1]]], node_of_position[pieces.node[pieces.first[1:] - 1]]
    )
    way, direction = pieces.way[edges.piece], edges.is_backward.astype(np.intp)
    node_ids = roads.node_ids[node_position]
    length_cm = np.maximum(columns.piece_length_cm, 1)[edges.piece]
    speed_kmh = columns.speed_kmh[direction, way]
    network = RoadNetwork(
        profile=profile.name,
        fingerprint="",
        turn_costs=profile.turn_costs,
        node_osm_id=node_ids,
        node_latitude_degrees=roads.node_latitude_degrees[node_position],
        node_longitude_degrees=roads.node_longitude_degrees[node_position],
        node_flags=np.array([flags_by_node.get(node_id, 0) for node_id in node_ids.tolist()], np.uint8),
        edge_first_out=np.searchsorted(edges.tail, np.arange(len(node_ids) + 1)).astype(np.int32),
        edge_tail=edges.tail,
        edge_head=edges.head,
        edge_length_cm=length_cm.astype(np.int32),
        # Kilometres per hour are centimetres per 36 milliseconds.
        edge_duration_ms=np.maximum(np.rint(length_cm * 36.0 / speed_kmh), 1.0).astype(np.int32),
        edge_reverse=edges.reverse,
        edge_road_class=columns.road_class[way],
        edge_flags=columns.flags[direction, way],
        edge_way_id=roads.way_ids[way],
        edge_name=columns.name[way],
        edge_component=np.full(len(edges.tail), -1, np.int32),
        edge_shape=edges.piece,
        edge_is_backward=edges.is_backward,
        shape_first=pieces.first,
        shape_latitude_degrees=roads.node_latitude_degrees[pieces.node],
        shape_longitude_degrees=roads.node_longitude_degrees[pieces.node],
        shape_osm_node_id=roads.node_ids[pieces.node],
        forbidden_path_first=np.zeros(1, np.int32),
        forbidden_path_edges=np.zeros(0, np.int32),
        forbidden_path_condition=np.zeros(0, np.int32),
        names=columns.names,
        source=roads.source,
    )
    return dataclasses.replace(
        network, edge_component=_components(network), fingerprint=network_fingerprint(network, speed_kmh)
    )


def _number_nodes(pieces: RoadPieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the network nodes among the OSM nodes, and the network node of each such position."""
    is_used = np.zeros(len(pieces.is_network_node), np.bool_)
    is_used[pieces.node] = True
    is_node = is_used & pieces.is_network_node
    return np.flatnonzero(is_node), np.cumsum(is_node) - 1


def _directed_edges(first_node: NDArray[np.int64], last_node: NDArray[np.int64]) -> _Edges:
    """Two edges per piece, sorted by tail; of one tail in the order of the pieces, forward first."""
    tail = np.column_stack([first_node, last_node]).ravel()
    head = np.column_stack([last_node, first_node]).ravel()
    order = np.argsort(tail, kind="stable")
    position = np.empty(len(order), np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    return _Edges(
        tail=tail[order].astype(np.int32),
        head=head[order].astype(np.int32),
        piece=(order >> 1).astype(np.int32),
        is_backward=(order & 1).astype(np.bool_),
        reverse=position[order ^ 1],
    )


def _piece_lengths_cm(roads: OsmRoads, pieces: RoadPieces) -> NDArray[np.int64]:
    """Sum of the great circles along each piece, rounded to whole centimetres."""
    if not len(pieces.way):
        return np.zeros(0, np.int64)
    latitude, longitude = roads.node_latitude_degrees[pieces.node], roads.node_longitude_degrees[pieces.node]
    chord_m = great_circles_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])
    chord_m[pieces.first[1:-1] - 1] = 0.0
    return np.rint(np.add.reduceat(np.append(chord_m, 0.0), pieces.first[:-1]) * 100.0).astype(np.int64)


def _way_columns(
    roads: OsmRoads, rules: list[WayRule | None], pieces: RoadPieces, piece_length_cm: NDArray[np.int64]
) -> _WayColumns:
    kept = [(way, rule) for way, rule in enumerate(rules) if rule is not None]
    way_count = len(rules)
    columns = _WayColumns(
        road_class=np.zeros(way_count, np.uint8),
        flags=np.zeros((2, way_count), np.uint16),
        speed_kmh=np.ones((2, way_count)),
        name=np.zeros(way_count, np.int32),
        names=tuple(sorted({"", *(road_name(roads.way_tags[way]) for way, _ in kept)})),
        piece_length_cm=piece_length_cm,
    )
    index_of_name = {name: index for index, name in enumerate(columns.names)}
    way_length_cm = np.bincount(pieces.way, piece_length_cm, minlength=way_count)
    for way, rule in kept:
        columns.road_class[way] = rule.road_class
        columns.flags[:, way] = rule.forward_flags, rule.backward_flags
        columns.speed_kmh[:, way] = rule.forward_kmh, rule.backward_kmh
        columns.name[way] = index_of_name[road_name(roads.way_tags[way])]
        if rule.duration_s and way_length_cm[way]:
            columns.speed_kmh[:, way] = way_length_cm[way] * 0.036 / rule.duration_s
    return columns


def road_name(tags: Mapping[str, str]) -> str:
    """Name of a road: its ``name``, otherwise its ``ref``, otherwise empty.

    Parameters
    ----------
    tags
        Tags of the way.

    Returns
    -------
    str
        What people call it.
    """
    return tags.get("name") or tags.get("ref") or ""


def _components(network: RoadNetwork) -> NDArray[np.int32]:
    return edge_components(
        TurnRules(
            first_out=network.edge_first_out,
            head=network.edge_head,
            reverse=network.edge_reverse,
            is_usable=(network.edge_flags & np.uint16(EdgeFlag.FORBIDDEN)) == 0,
            is_barrier=(network.node_flags & np.uint8(NodeFlag.BARRIER)) != 0,
            forbidden_first=np.zeros(network.edge_count + 1, np.int32),
            forbidden_next=np.zeros(0, np.int32),
            u_turns_allowed=network.turn_costs.u_turns_allowed,
        )
    )
