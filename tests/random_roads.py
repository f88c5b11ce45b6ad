"""Small random road maps for property tests: dense enough to have loops, one-ways, islands and parallel roads."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from geo.geodesy import places_at
from geo.roads.osm_roads import OsmRoads, RelationMember, RestrictionRelation

ORIGIN_DEGREES = (41.15, -8.61)
_HIGHWAYS = ("primary", "residential", "service", "footway", "motorway_link")
_ONEWAYS = ("no", "yes", "-1")
_ACCESS = ("yes", "yes", "private", "no")
_RESTRICTIONS = ("no_left_turn", "no_right_turn", "no_u_turn", "no_straight_on", "only_straight_on", "only_right_turn")
_FIRST_WAY_ID = 100


@st.composite
def osm_roads(draw: st.DrawFn, *, size_m: int = 400, max_nodes: int = 12, max_ways: int = 10) -> OsmRoads:
    """Random ways over random nodes inside a square: one-ways, closed and private roads, barriers, restrictions."""
    place = st.tuples(st.integers(0, size_m), st.integers(0, size_m))
    places = draw(st.lists(place, min_size=2, max_size=max_nodes))
    node = st.integers(1, len(places))
    way_nodes = draw(st.lists(st.lists(node, min_size=2, max_size=6), min_size=1, max_size=max_ways))
    values = {"highway": _HIGHWAYS, "oneway": _ONEWAYS, "access": _ACCESS}
    tags = tuple({key: draw(st.sampled_from(choice)) for key, choice in values.items()} for _ in way_nodes)
    # One road that is always usable, so that there is a network at all.
    way_nodes.append([1, 2])
    node_tags = {"barrier": "bollard"}, {"highway": "traffic_signals"}
    tagged = draw(st.dictionaries(node, st.sampled_from(node_tags), max_size=3))
    way_id = st.integers(_FIRST_WAY_ID, _FIRST_WAY_ID + len(way_nodes) - 1)
    restrictions = draw(st.lists(st.tuples(st.sampled_from(_RESTRICTIONS), way_id, node, way_id), max_size=4))
    east_m, north_m = np.array(places, np.float64).T
    latitude, longitude = places_at(*ORIGIN_DEGREES, east_m=east_m, north_m=north_m)
    return OsmRoads(
        way_ids=np.arange(_FIRST_WAY_ID, _FIRST_WAY_ID + len(way_nodes)),
        way_tags=(*tags, {"highway": "residential"}),
        way_first=np.cumsum([0, *(len(nodes) for nodes in way_nodes)]),
        way_node_ids=np.concatenate([np.array(nodes, np.int64) for nodes in way_nodes]),
        node_ids=np.arange(1, len(places) + 1),
        node_latitude_degrees=np.round(latitude, 7),
        node_longitude_degrees=np.round(longitude, 7),
        node_tags=tagged,
        restrictions=tuple(
            RestrictionRelation(
                osm_id,
                {"type": "restriction", "restriction": value},
                (RelationMember("w", start, "from"), RelationMember("n", via, "via"), RelationMember("w", end, "to")),
            )
            for osm_id, (value, start, via, end) in enumerate(restrictions, 1)
        ),
        source="random",
    )
