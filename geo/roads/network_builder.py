"""Builds a `RoadNetwork` from OSM roads: the one path that files, OSMnx graphs and drawn test maps all take.

The result depends on the content only: the order of ways, of tags and of dictionaries changes nothing, and equal
content gives an equal fingerprint on every machine.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.errors import RoadFileError
from geo.geodesy import great_circles_m
from geo.roads.components import edge_components
from geo.roads.conditional_barriers import ConditionalBarrier, barrier_paths, conditional_barrier
from geo.roads.conditional_rules import condition_text
from geo.roads.fingerprint import network_fingerprint
from geo.roads.gates import with_private_gates
from geo.roads.import_report import ImportedNetwork, ImportReport
from geo.roads.network import LONGEST_EDGE_CM, LONGEST_EDGE_MS, EdgeFlag, NodeFlag, RoadNetwork
from geo.roads.node_rules import node_flags, unknown_values_of_barrier
from geo.roads.osm_roads import OsmRoads
from geo.roads.place_order import places_in_order
from geo.roads.profiles import Profile
from geo.roads.restriction_paths import ForbiddenPaths, Path, find_forbidden_paths
from geo.roads.road_pieces import RoadPieces, cut_into_pieces
from geo.roads.way_columns import WayColumns, read_way_columns

_FASTEST_FERRY_KMH = 100.0
"""A stated duration that would need more than this is a mistake: the fastest ferries make 55 knots."""


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
    columns = read_way_columns(roads.way_tags, profile)
    flags_by_node = {node_id: node_flags(tags, profile) for node_id, tags in roads.node_tags.items()}
    barriers = {node_id: conditional_barrier(tags, profile) for node_id, tags in roads.node_tags.items()}
    opening = {node_id: barrier for node_id, barrier in barriers.items() if barrier.shut}
    pieces = cut_into_pieces(
        roads, kept_ways=columns.is_road, meaningful_node_ids=_meaningful_nodes(roads, flags_by_node, opening)
    )
    length_cm = _piece_lengths_cm(roads, pieces)
    columns = _with_stated_durations(columns, pieces, length_cm)
    network, speed_kmh = _assemble(roads, profile, pieces=pieces, length_cm=np.maximum(length_cm, 1), columns=columns)
    network = dataclasses.replace(network, node_flags=_node_flags(network, flags_by_node))
    conditional = _conditional_edges(network, columns, edge_way=pieces.way[network.edge_shape])
    network = _with_conditional_edges(network, conditional)
    forbidden = find_forbidden_paths(network, roads.restrictions, profile)
    network = _with_forbidden_paths(network, forbidden.paths)
    network = with_private_gates(dataclasses.replace(network, edge_component=edge_components(network)))
    network, at_barriers = barrier_paths(network, opening)
    network = _with_forbidden_paths(network, sorted({*forbidden.paths, *at_barriers}))
    if not (network.edge_component >= 0).any():
        message = f"the input holds no road that the profile {profile.name!r} may use"
        raise RoadFileError(message)
    speeds_kmh = np.concatenate([speed_kmh, conditional.speed_kmh])
    network = dataclasses.replace(network, fingerprint=network_fingerprint(network, speeds_kmh))
    report = _report(roads, network, columns, pieces, length_cm, forbidden)
    return ImportedNetwork(network, _with_counts_of_barriers(report, roads, network, profile, barriers))


def _meaningful_nodes(
    roads: OsmRoads, flags_by_node: Mapping[int, NodeFlag], opening: Mapping[int, ConditionalBarrier]
) -> NDArray[np.int64]:
    """OSM ids of the nodes that must be network nodes: barriers, signals, and via nodes of restrictions."""
    tagged = {node_id for node_id, flags in flags_by_node.items() if flags}
    vias = {node_id for relation in roads.restrictions for node_id in relation.members_with_role("n", "via")}
    return np.array(sorted(tagged | vias | opening.keys()), np.int64)


def _piece_lengths_cm(roads: OsmRoads, pieces: RoadPieces) -> NDArray[np.int64]:
    """Sum of the great circles along each piece, rounded to whole centimetres, at most `LONGEST_EDGE_CM`."""
    if not len(pieces.way):
        return np.zeros(0, np.int64)
    latitude, longitude = roads.node_latitude_degrees[pieces.node], roads.node_longitude_degrees[pieces.node]
    chord_m = great_circles_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])
    chord_m[pieces.first[1:-1] - 1] = 0.0
    length_cm = np.rint(np.add.reduceat(np.append(chord_m, 0.0), pieces.first[:-1]) * 100.0)
    return np.minimum(length_cm, LONGEST_EDGE_CM).astype(np.int64)


def _with_stated_durations(columns: WayColumns, pieces: RoadPieces, length_cm: NDArray[np.int64]) -> WayColumns:
    """Give ways with a stated duration the speed that it takes, under every condition."""
    way_length_cm = np.bincount(pieces.way, length_cm, minlength=len(columns.is_road))
    is_stated = (columns.duration_s > 0.0) & (way_length_cm > 0.0)
    speed_kmh = columns.speed_kmh.copy()
    stated_kmh = way_length_cm[is_stated] * 0.036 / columns.duration_s[is_stated]
    speed_kmh[:, is_stated] = np.minimum(stated_kmh, _FASTEST_FERRY_KMH)
    conditional = tuple(
        (way, rule._replace(speed_kmh=float(speed_kmh[rule.direction, way]))) if is_stated[way] else (way, rule)
        for way, rule in columns.conditional
    )
    return columns._replace(speed_kmh=speed_kmh, conditional=conditional)


class _Edges(NamedTuple):
    """Directed edges in the order of their tails."""

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    piece: NDArray[np.int32]
    is_backward: NDArray[np.bool_]
    reverse: NDArray[np.int32]


def _assemble(
    roads: OsmRoads, profile: Profile, *, pieces: RoadPieces, length_cm: NDArray[np.int64], columns: WayColumns
) -> tuple[RoadNetwork, NDArray[np.float64]]:
    """Lay out nodes, edges and shapes; also the speed of each edge. Restrictions and components follow later."""
    node_position, node_of_position = _number_nodes(roads, pieces)
    edges = _directed_edges(
        node_of_position[pieces.node[pieces.first[:-1]]], node_of_position[pieces.node[pieces.first[1:] - 1]]
    )
    way, direction = pieces.way[edges.piece], edges.is_backward.astype(np.intp)
    speed_kmh, edge_length_cm = columns.speed_kmh[direction, way], length_cm[edges.piece].astype(np.int32)
    network = RoadNetwork(
        profile=profile.name,
        fingerprint="",
        turn_costs=profile.turn_costs,
        node_osm_id=roads.node_ids[node_position],
        node_latitude_degrees=roads.node_latitude_degrees[node_position],
        node_longitude_degrees=roads.node_longitude_degrees[node_position],
        node_flags=np.zeros(len(node_position), np.uint8),
        edge_first_out=np.searchsorted(edges.tail, np.arange(len(node_position) + 1)).astype(np.int32),
        edge_tail=edges.tail,
        edge_head=edges.head,
        edge_length_cm=edge_length_cm,
        edge_duration_ms=duration_ms(edge_length_cm, speed_kmh),
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
    return network, speed_kmh


def duration_ms(length_cm: NDArray[np.int32], speed_kmh: NDArray[np.float64]) -> NDArray[np.int32]:
    """Milliseconds that lengths take at speeds, from 1 to `LONGEST_EDGE_MS`.

    One kilometre per hour is one centimetre per 36 ms.

    Parameters
    ----------
    length_cm, speed_kmh
        Of the same shape.

    Returns
    -------
    NDArray[np.int32]
        In that shape.
    """
    return np.clip(np.rint(length_cm * 36.0 / speed_kmh), 1, LONGEST_EDGE_MS).astype(np.int32)


def _number_nodes(roads: OsmRoads, pieces: RoadPieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the network nodes among the OSM nodes, and the network node of each such position.

    Nodes that lie near each other get near numbers, and so do the edges that leave them: a search that spreads over
    neighbouring roads then finds them in neighbouring memory.
    """
    is_used = np.zeros(len(pieces.is_network_node), np.bool_)
    is_used[pieces.node] = True
    position = np.flatnonzero(is_used & pieces.is_network_node)
    position = position[
        np.argsort(
            places_in_order(roads.node_latitude_degrees[position], roads.node_longitude_degrees[position]),
            kind="stable",
        )
    ]
    node_of_position = np.full(len(is_used), -1, np.int64)
    node_of_position[position] = np.arange(len(position))
    return position, node_of_position


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


def _node_flags(network: RoadNetwork, flags_by_node: Mapping[int, NodeFlag]) -> NDArray[np.uint8]:
    return np.array([flags_by_node.get(osm_id, 0) for osm_id in network.node_osm_id.tolist()], np.uint8)


def _with_conditional_edges(network: RoadNetwork, conditional: _ConditionalEdges) -> RoadNetwork:
    conditions = sorted(set(conditional.conditions))
    number = {text: index for index, text in enumerate(conditions)}
    return dataclasses.replace(
        network,
        conditions=tuple(conditions),
        conditional_edge=conditional.edges,
        conditional_edge_condition=np.array([number[text] for text in conditional.conditions], np.int32),
        conditional_edge_flags=conditional.flags,
        conditional_edge_duration_ms=duration_ms(network.edge_length_cm[conditional.edges], conditional.speed_kmh),
    )


def _with_forbidden_paths(network: RoadNetwork, forbidden: Sequence[tuple[Path, str]]) -> RoadNetwork:
    """Set the forbidden paths, and add their conditions to those that the network has."""
    conditions = sorted({*network.conditions, *(text for _, text in forbidden if text)})
    number = {"": -1, **{text: index for index, text in enumerate(conditions)}}
    renumbered = np.array([number[text] for text in network.conditions], np.int32)
    return dataclasses.replace(
        network,
        forbidden_path_first=np.cumsum([0, *(len(path) for path, _ in forbidden)], dtype=np.int32),
        forbidden_path_edges=np.array([edge for path, _ in forbidden for edge in path], np.int32),
        forbidden_path_condition=np.array([number[text] for _, text in forbidden], np.int32),
        conditions=tuple(conditions),
        conditional_edge_condition=renumbered[network.conditional_edge_condition],
    )


class _ConditionalEdges(NamedTuple):
    """Edges that differ while a condition holds, ascending by edge and by how many conditions that joins."""

    edges: NDArray[np.int32]
    conditions: list[str]
    flags: NDArray[np.uint16]
    speed_kmh: NDArray[np.float64]


def _conditional_edges(network: RoadNetwork, columns: WayColumns, edge_way: NDArray[np.int64]) -> _ConditionalEdges:
    edges_of: dict[tuple[int, int], list[int]] = {}
    for edge in np.flatnonzero(np.isin(edge_way, [way for way, _ in columns.conditional])).tolist():
        edges_of.setdefault((int(edge_way[edge]), int(network.edge_is_backward[edge])), []).append(edge)
    rows = sorted(
        (edge, len(rule.conditions), rule.conditions, rule.flags, rule.speed_kmh)
        for way, rule in columns.conditional
        for edge in edges_of.get((way, rule.direction), ())
    )
    return _ConditionalEdges(
        np.array([edge for edge, *_ in rows], np.int32),
        [condition_text(conditions) for _, _, conditions, _, _ in rows],
        np.array([flags for *_, flags, _ in rows], np.uint16),
        np.array([speed_kmh for *_, speed_kmh in rows], np.float64),
    )


def _with_counts_of_barriers(
    report: ImportReport,
    roads: OsmRoads,
    network: RoadNetwork,
    profile: Profile,
    barriers: Mapping[int, ConditionalBarrier],
) -> ImportReport:
    """Add the conditions of the barriers on the roads, and what these say in vain."""
    unknown = {osm_id: unknown_values_of_barrier(tags, profile) for osm_id, tags in roads.node_tags.items()}
    counted = [osm_id for osm_id, barrier in barriers.items() if unknown[osm_id] or barrier.kinds]
    is_on_road = np.isin(np.array(counted, np.int64), network.shape_osm_node_id)
    on_road = [osm_id for osm_id, is_on in zip(counted, is_on_road.tolist(), strict=True) if is_on]
    kinds = sum((barriers[osm_id].kinds for osm_id in on_road), Counter(report.conditions))
    return dataclasses.replace(
        report,
        conditions=dict(sorted(kinds.items())),
        unknown_access_values=report.unknown_access_values + sum(unknown[osm_id] for osm_id in on_road),
    )


def _report(
    roads: OsmRoads,
    network: RoadNetwork,
    columns: WayColumns,
    pieces: RoadPieces,
    length_cm: NDArray[np.int64],
    forbidden: ForbiddenPaths,
) -> ImportReport:
    kept_ways = int(columns.is_road.sum())
    return ImportReport(
        ways_read=len(columns.is_road),
        ways_of_other_profiles=len(columns.is_road) - kept_ways,
        ways_without_roads=kept_ways - len(np.unique(pieces.way)),
        cut_ways=pieces.cut_ways,
        missing_node_references=pieces.missing_node_references,
        repeated_node_references=pieces.repeated_node_references,
        repeated_ways=roads.repeated_ways,
        nodes_in_one_place=_nodes_in_one_place(network),
        zero_length_edges=2 * int((length_cm == 0).sum()),
        restrictions=forbidden.counts,
        conditions=dict(sorted((columns.condition_kinds + forbidden.condition_kinds).items())),
        unknown_access_values=columns.unknown_access_values,
        forbidden_edges=int(((network.edge_flags & EdgeFlag.FORBIDDEN) != 0).sum()),
        components=int(network.edge_component.max()) + 1,
        edges_outside_main_component=int((network.edge_component > 0).sum()),
    )


def _nodes_in_one_place(network: RoadNetwork) -> int:
    """Count the OSM nodes of the roads that lie exactly where another one lies."""
    _, first_of_each = np.unique(network.shape_osm_node_id, return_index=True)
    latitude_e7 = np.rint(network.shape_latitude_degrees[first_of_each] * 1e7).astype(np.int64)
    longitude_e7 = np.rint(network.shape_longitude_degrees[first_of_each] * 1e7).astype(np.int64)
    _, counts = np.unique(latitude_e7 * 4_000_000_000 + longitude_e7, return_counts=True)
    return int(counts[counts > 1].sum())
