"""Small random road maps for property tests: dense enough to have loops, one-ways, islands and parallel roads."""

from __future__ import annotations

from dataclasses import replace

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


@st.composite
def stretched_roads(draw: st.DrawFn) -> OsmRoads:
    """Random roads of which one leads up to thousands of kilometres away."""
    far_m = st.floats(-4_000_000, 4_000_000)
    return with_far_ways(draw(osm_roads()), [(draw(far_m), draw(far_m))])


def with_far_ways(roads: OsmRoads, ends_m: list[tuple[float, float]]) -> OsmRoads:
    """Add a straight road from the first node to each of some places, in metres east and north of the origin."""
    east_m, north_m = np.array(ends_m, np.float64).T
    latitude, longitude = places_at(*ORIGIN_DEGREES, east_m=east_m, north_m=north_m)
    number = 1 + np.arange(len(ends_m))
    new_nodes = roads.node_ids[-1] + number
    return replace(
        roads,
        way_ids=np.append(roads.way_ids, roads.way_ids[-1] + number),
        way_tags=(*roads.way_tags, *({"highway": "primary"} for _ in ends_m)),
        way_first=np.append(roads.way_first, roads.way_first[-1] + 2 * number),
        way_node_ids=np.append(
            roads.way_node_ids, np.column_stack([np.full(len(ends_m), roads.node_ids[0]), new_nodes]).ravel()
        ),
        node_ids=np.append(roads.node_ids, new_nodes),
        node_latitude_degrees=np.append(roads.node_latitude_degrees, latitude),
        node_longitude_degrees=np.append(roads.node_longitude_degrees, longitude),
    )
