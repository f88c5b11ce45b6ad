"""Small random road maps for property tests: dense enough to have loops, one-ways, islands and parallel roads."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from geo.geodesy import places_at
from geo.roads.osm_roads import OsmRoads

ORIGIN_DEGREES = (41.15, -8.61)
_HIGHWAYS = ("primary", "residential", "service", "footway", "motorway_link")
_ONEWAYS = ("no", "yes", "-1")


@st.composite
def osm_roads(draw: st.DrawFn, *, size_m: int = 400, max_nodes: int = 12, max_ways: int = 10) -> OsmRoads:
    """Random ways over random nodes inside a square, some of them one-way, some with a barrier or a signal."""
    place = st.tuples(st.integers(0, size_m), st.integers(0, size_m))
    places = draw(st.lists(place, min_size=2, max_size=max_nodes))
    node = st.integers(1, len(places))
    way_nodes = draw(st.lists(st.lists(node, min_size=2, max_size=6), min_size=1, max_size=max_ways))
    tags = tuple(
        {"highway": draw(st.sampled_from(_HIGHWAYS)), "oneway": draw(st.sampled_from(_ONEWAYS))} for _ in way_nodes
    )
    # One road that is always usable, so that there is a network at all.
    way_nodes.append([1, 2])
    node_tags = {"barrier": "bollard"}, {"highway": "traffic_signals"}
    tagged = draw(st.dictionaries(node, st.sampled_from(node_tags), max_size=3))
    east_m, north_m = np.array(places, np.float64).T
    latitude, longitude = places_at(*ORIGIN_DEGREES, east_m=east_m, north_m=north_m)
    return OsmRoads(
        way_ids=np.arange(100, 100 + len(way_nodes)),
        way_tags=(*tags, {"highway": "residential"}),
        way_first=np.cumsum([0, *(len(nodes) for nodes in way_nodes)]),
        way_node_ids=np.concatenate([np.array(nodes, np.int64) for nodes in way_nodes]),
        node_ids=np.arange(1, len(places) + 1),
        node_latitude_degrees=np.round(latitude, 7),
        node_longitude_degrees=np.round(longitude, 7),
        node_tags=tagged,
        restrictions=(),
        source="random",
    )
