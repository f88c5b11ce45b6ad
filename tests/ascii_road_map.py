"""Road networks drawn as text, for tests whose geometry a reader can see.

In the picture, letters are OSM nodes and digits are GPS points; everything else is decoration. The columns of the
picture run east and the rows run south, `grid_m` metres a step. Ways name their nodes by letters::

    road_map = ascii_road_map(
        '''
          A--1--B-----C
                |
                D
        ''',
        {"ABC": {"highway": "primary"}, "BD": {"oneway": "yes"}},
        grid_m=10,
    )
    road_map.network               # built by the same code as an import
    road_map.edge("AB")            # the edge from A to B
    road_map.edges("ABD")          # the edges of a path
    road_map.node("B")             # index of a network node
    road_map.place("1")            # latitude and longitude in degrees
    road_map.text_of([4, 2])       # "ABD": the path of some edges, for readable assertions

A way without a ``highway`` tag is ``residential``. Only letters where ways meet or end, or whose tags have a meaning,
become network nodes: a letter in the middle of one way is a bend, and ``edge`` takes the path between network nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.geodesy import places_at
from geo.roads.import_report import ImportReport
from geo.roads.network import RoadNetwork
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads, RelationMember, RestrictionRelation
from geo.roads.profiles import profile_named

_FIRST_WAY_ID = 1001
_FIRST_RELATION_ID = 9001

Restriction = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, eq=False)
class AsciiRoadMap:
    """A drawn road map: the network made from it, and where its letters and digits are."""

    network: RoadNetwork
    report: ImportReport
    osm_roads: OsmRoads
    places: Mapping[str, tuple[float, float]]
    way_ids: Mapping[str, int]

    def node(self, letter: str) -> int:
        """Index of the network node drawn as a letter."""
        found = np.flatnonzero(self.network.node_osm_id == ord(letter))
        assert len(found), f"{letter} is no network node: no road ends or meets there"
        return int(found[0])

    def edge(self, letters: str, *, way: str | None = None) -> int:
        """Edge between two network nodes, for example ``"AB"``; ``way`` chooses among parallel ones."""
        tail, head = self.node(letters[0]), self.node(letters[-1])
        found = np.flatnonzero((self.network.edge_tail == tail) & (self.network.edge_head == head))
        if way is not None:
            found = found[self.network.edge_way_id[found] == self.way_ids[way]]
        assert len(found) == 1, f"{len(found)} edges run from {letters[0]} to {letters[-1]}"
        return int(found[0])

    def edges(self, letters: str) -> list[int]:
        """Edges of the path through network nodes, for example ``"ABD"``."""
        return [self.edge(tail + head) for tail, head in pairwise(letters)]

    def text_of(self, edges: Sequence[int] | NDArray[np.integer]) -> str:
        """Letters of the nodes along a path of edges, for example ``"ABD"``; gaps in the path show as spaces."""
        text, last_head = "", None
        for edge in edges:
            tail, head = int(self.network.edge_tail[edge]), int(self.network.edge_head[edge])
            if tail != last_head:
                text += (" " if text else "") + self._letter(tail)
            text += self._letter(head)
            last_head = head
        return text

    def place(self, symbol: str) -> tuple[float, float]:
        """Latitude and longitude in degrees of a letter or digit."""
        return self.places[symbol]

    def points(self, symbols: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Latitudes and longitudes in degrees of several letters or digits, as two ``(n,)`` arrays."""
        latitude, longitude = zip(*(self.places[symbol] for symbol in symbols), strict=True)
        return np.array(latitude), np.array(longitude)

    def _letter(self, node: int) -> str:
        return chr(int(self.network.node_osm_id[node]))


def ascii_road_map(
    picture: str,
    ways: Mapping[str, Mapping[str, str]],
    *,
    grid_m: float = 10.0,
    profile: str = "car",
    nodes: Mapping[str, Mapping[str, str]] | None = None,
    restrictions: Sequence[Restriction] = (),
    origin_degrees: tuple[float, float] = (41.15, -8.61),
) -> AsciiRoadMap:
    """Build the network of a drawn map.

    ``nodes`` gives tags to letters. A restriction is a mapping such as ``{"restriction": "no_left_turn",
    "from": "AB", "via": "B", "to": "BC"}``: ``from`` and ``to`` are ways (several in a list), ``via`` is one letter
    or one or several ways; every other entry is a tag of the relation.
    """
    places = _places(picture, grid_m, origin_degrees)
    way_ids = {letters: _FIRST_WAY_ID + position for position, letters in enumerate(ways)}
    letters = sorted({letter for way in ways for letter in way} & places.keys(), key=ord)
    roads = OsmRoads(
        way_ids=np.array(list(way_ids.values()), np.int64),
        way_tags=tuple({"highway": "residential", **tags} for tags in ways.values()),
        way_first=np.cumsum([0, *(len(way) for way in ways)]),
        way_node_ids=np.array([ord(letter) for way in ways for letter in way], np.int64),
        node_ids=np.array([ord(letter) for letter in letters], np.int64),
        node_latitude_degrees=np.array([places[letter][0] for letter in letters]),
        node_longitude_degrees=np.array([places[letter][1] for letter in letters]),
        node_tags={ord(letter): tags for letter, tags in (nodes or {}).items()},
        restrictions=tuple(
            _relation(_FIRST_RELATION_ID + position, restriction, way_ids)
            for position, restriction in enumerate(restrictions)
        ),
        source="drawn map",
    )
    imported = build_network(roads, profile_named(profile))
    return AsciiRoadMap(imported.network, imported.report, roads, places, way_ids)


def _places(picture: str, grid_m: float, origin_degrees: tuple[float, float]) -> dict[str, tuple[float, float]]:
    places = {}
    for row, line in enumerate(picture.splitlines()):
        for column, symbol in enumerate(line):
            if symbol.isascii() and symbol.isalnum():
                assert symbol not in places, f"{symbol} is drawn twice"
                latitude, longitude = places_at(*origin_degrees, east_m=column * grid_m, north_m=-row * grid_m)
                places[symbol] = (round(float(latitude), 7), round(float(longitude), 7))
    return places


def _relation(osm_id: int, restriction: Restriction, way_ids: Mapping[str, int]) -> RestrictionRelation:
    members: list[RelationMember] = []
    for role in ("from", "via", "to"):
        named = restriction.get(role, ())
        for member in [named] if isinstance(named, str) else named:
            is_node = role == "via" and len(member) == 1
            members.append(RelationMember("n" if is_node else "w", ord(member) if is_node else way_ids[member], role))
    tags = {key: str(value) for key, value in restriction.items() if key not in {"from", "via", "to"}}
    return RestrictionRelation(osm_id, {"type": "restriction", **tags}, tuple(members))
