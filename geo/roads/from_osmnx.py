"""Imports OSMnx graphs, simplified or not, and downloads them.

An OSMnx graph has no ways, only directed edges. They are put together again: the two directions of a road to one
piece, and the pieces of one OSM way end to end, so that the network is cut where `geo.roads.road_pieces` decides and
not where OSMnx did. What OSMnx does not keep is lost: turn restrictions always, other tags unless
``osmnx.settings.useful_tags_way`` and ``useful_tags_node`` name them (`download_osmnx_graph` does that).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geo.errors import DownloadError, InvalidGeoInputError, RoadFileError, Violation, ViolationCode
from geo.roads.access import Access, access_of
from geo.roads.import_report import ImportedNetwork
from geo.roads.network_builder import build_network
from geo.roads.node_rules import NODE_KEYS
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import PROFILES, Profile
from geo.roads.way_rules import ROAD_CLASS_BY_HIGHWAY, way_keys

if TYPE_CHECKING:  # loading it takes longer than many a command
    import networkx as nx

_WGS84 = "4326"
_NOT_TAGS = frozenset({"osmid", "geometry", "length", "reversed", "oneway", "key", "from", "to"})
_settings_lock = threading.Lock()

Place = tuple[float, float]


class _Piece(NamedTuple):
    """A road piece between two graph nodes, in the direction of its OSM way where that is known.

    `inner` holds the places of its bends as ``(longitude, latitude)``.
    """

    way_id: int
    first: int
    last: int
    inner: tuple[Place, ...]
    tags: tuple[tuple[str, str], ...]

    @property
    def mirrored(self) -> _Piece:
        return self._replace(first=self.last, last=self.first, inner=self.inner[::-1])


def import_osmnx_graph(graph: nx.MultiDiGraph, profile: Profile) -> ImportedNetwork:
    """Import the road network of one profile from an OSMnx graph.

    Parameters
    ----------
    graph
        A graph as OSMnx makes it, in WGS-84.
    profile
        Who travels. One-ways are those of the graph: a graph of network type ``walk`` has none.

    Returns
    -------
    ImportedNetwork
        The network and the report.

    Raises
    ------
    InvalidGeoInputError
        The graph is projected, or its nodes have no places.
    RoadFileError
        The graph holds no road that the profile may use.
    """
    return build_network(osm_roads_of_graph(graph), profile)


def download_osmnx_graph(place: str) -> nx.MultiDiGraph:
    """Download the roads of a place through OSMnx, with every tag that the profiles read.

    Parameters
    ----------
    place
        What the geocoder of OSMnx (Nominatim) understands, for example ``Porto, Portugal``.

    Returns
    -------
    nx.MultiDiGraph
        The graph, not simplified, with all its roads.

    Raises
    ------
    RoadFileError
        The place is not known, or is no area with roads.
    DownloadError
        There is no internet, or who offers the roads does not answer.
    """
    import osmnx  # noqa: PLC0415 - takes a second, and only downloads need it

    access_keys = {key for profile in PROFILES.values() for key in profile.access_keys}
    wanted = {
        "useful_tags_way": sorted(frozenset().union(*(way_keys(profile) for profile in PROFILES.values()))),
        "useful_tags_node": sorted({*NODE_KEYS, *access_keys, "locked", "bollard"}),
    }
    # OSMnx keeps its settings in module variables: one download at a time, and leave no trace.
    with _settings_lock:
        before = {name: getattr(osmnx.settings, name) for name in wanted}
        try:
            for name, value in wanted.items():
                setattr(osmnx.settings, name, value)
            return osmnx.graph_from_place(place, network_type="all", simplify=False, retain_all=True)
        except OSError as error:  # every error of the connection is one
            message = (
                f"the roads of {place!r} could not be downloaded: OpenStreetMap's services do not answer "
                f"({type(error).__name__}). Is there internet? A map file (.osm.pbf) that was downloaded elsewhere can "
                "be imported instead"
            )
            raise DownloadError(message) from error
        except Exception as error:
            message = f"the roads of {place!r} could not be downloaded ({type(error).__name__}: {error})"
            raise RoadFileError(message) from error
        finally:
            for name, value in before.items():
                setattr(osmnx.settings, name, value)


def osm_roads_of_graph(graph: nx.MultiDiGraph) -> OsmRoads:
    """Put the ways of an OSMnx graph together again.

    Parameters
    ----------
    graph
        As in `import_osmnx_graph`.

    Returns
    -------
    OsmRoads
        Its ways. Bends of simplified graphs have lost their OSM ids and get negative numbers.

    Raises
    ------
    InvalidGeoInputError
        As in `import_osmnx_graph`.
    """
    _check(graph)
    places = {int(node): (float(data["x"]), float(data["y"])) for node, data in graph.nodes(data=True)}
    ways: list[tuple[int, dict[str, str], list[int]]] = []
    next_bend = -1
    for chain in _chains(_pieces(graph)):
        nodes = [chain[0].first]
        for piece in chain:
            for place in piece.inner:
                places[next_bend] = place
                nodes.append(next_bend)
                next_bend -= 1
            nodes.append(piece.last)
        ways.append((chain[0].way_id, dict(chain[0].tags), nodes))
    node_ids = sorted(places)
    return OsmRoads(
        way_ids=np.array([way_id for way_id, _, _ in ways], np.int64),
        way_tags=tuple(tags for _, tags, _ in ways),
        way_first=np.cumsum([0, *(len(nodes) for _, _, nodes in ways)], dtype=np.int64),
        way_node_ids=np.array([node for _, _, nodes in ways for node in nodes], np.int64),
        node_ids=np.array(node_ids, np.int64),
        node_latitude_degrees=np.array([places[node][1] for node in node_ids], np.float64),
        node_longitude_degrees=np.array([places[node][0] for node in node_ids], np.float64),
        node_tags={
            int(node): _text_tags(data) for node, data in graph.nodes(data=True) if data.keys() & set(NODE_KEYS)
        },
        restrictions=(),
        source=str(graph.graph.get("name") or "OSMnx graph"),
    )


def _check(graph: nx.MultiDiGraph) -> None:
    violations = []
    crs = str(graph.graph.get("crs", _WGS84))
    if _WGS84 not in crs:
        violations.append(
            Violation(
                "graph.crs",
                ViolationCode.UNKNOWN_VALUE,
                f"must be WGS-84 (EPSG:4326), but the graph is projected to {crs}",
            )
        )
    without_place = sum(not {"x", "y"} <= data.keys() for _, data in graph.nodes(data=True))
    if without_place:
        violations.append(
            Violation(
                "graph.nodes", ViolationCode.REQUIRED, f"{without_place} nodes have no x and y (longitude and latitude)"
            )
        )
    if violations:
        raise InvalidGeoInputError(tuple(violations))


def _pieces(graph: nx.MultiDiGraph) -> list[_Piece]:
    """Road pieces of a graph, each once, ``oneway`` among their tags saying which directions the graph has."""
    directed = {}
    for tail, head, data in graph.edges(data=True):
        piece = _Piece(_way_id(data), int(tail), int(head), _bends(data), tuple(sorted(_text_tags(data).items())))
        directed[piece] = data.get("reversed") is True
    pieces = []
    for piece, is_reversed in sorted(directed.items()):
        if piece.mirrored not in directed or piece.mirrored == piece:
            pieces.append(piece._replace(tags=(*piece.tags, ("oneway", "yes"))))
        elif is_reversed < directed[piece.mirrored] or (
            is_reversed == directed[piece.mirrored] and piece < piece.mirrored
        ):
            pieces.append(piece._replace(tags=(*piece.tags, ("oneway", "no"))))
    return pieces


def _way_id(data: Mapping[str, Any]) -> int:
    """OSM way of an edge; a simplified edge of several ways is filed under the one with the lowest id."""
    osm_id = data.get("osmid", 0)
    return int(min(osm_id) if isinstance(osm_id, list) else osm_id)


def _bends(data: Mapping[str, Any]) -> tuple[Place, ...]:
    geometry = data.get("geometry")
    return () if geometry is None else tuple((float(x), float(y)) for x, y, *_ in geometry.coords[1:-1])


def _text_tags(data: Mapping[str, Any]) -> dict[str, str]:
    """OSM tags among the attributes of an edge or node."""
    return {
        key: _one_value(key, value) if isinstance(value, list) else str(value)
        for key, value in data.items()
        if key not in _NOT_TAGS and isinstance(value, (str, list))
    }


def _one_value(key: str, values: Iterable[object]) -> str:
    """Value of a tag that differs along a simplified edge: the one that promises least."""
    texts = sorted(str(value) for value in values)
    if key.startswith("maxspeed"):
        return ";".join(texts)
    if key == "highway":
        return max(texts, key=lambda text: ROAD_CLASS_BY_HIGHWAY.get(text, -1))
    return min(texts, key=lambda text: Access.YES + 1 if (access := access_of(text)) is None else access)


def _chains(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Join pieces of one way with equal tags end to end, wherever that can be done in one way only."""
    by_way = defaultdict(list)
    for piece in pieces:
        by_way[piece.way_id, piece.tags].append(piece)
    return [chain for _, members in sorted(by_way.items()) for chain in _chains_of_way(members)]


def _chains_of_way(pieces: list[_Piece]) -> list[list[_Piece]]:
    starting, ending = defaultdict(list), defaultdict(list)
    for piece in pieces:
        starting[piece.first].append(piece)
        ending[piece.last].append(piece)

    def next_of(piece: _Piece) -> _Piece | None:
        following = starting[piece.last]
        return following[0] if len(following) == len(ending[piece.last]) == 1 else None

    has_previous = {next_of(piece) for piece in pieces}
    chains: list[list[_Piece]] = []
    joined: set[_Piece] = set()
    # Pieces without a previous one come first; what they do not reach are rings.
    for start in sorted(pieces, key=lambda piece: (piece in has_previous, piece)):
        chain: list[_Piece] = []
        current: _Piece | None = start
        while current is not None and current not in joined:
            joined.add(current)
            chain.append(current)
            current = next_of(current)
        if chain:
            chains.append(chain)
    return chains
