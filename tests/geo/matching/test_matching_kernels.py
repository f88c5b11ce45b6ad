"""The kernels of matching against the obvious way of computing the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo.matching.candidate_kernels import SearchReach, find_candidates, road_cells
from geo.matching.confidence import link_confidence
from geo.matching.confidence_kernels import link_features, link_margins
from geo.matching.emission_kernels import position_nats
from geo.matching.map_matcher import MapMatcher, _points
from geo.matching.match import PointState
from geo.matching.observation_kernels import Points
from geo.matching.options import MatchingOptions, MovementModel, ObservationModel
from geo.matching.path_kernels import LINK_ROAD
from geo.matching.placement_kernels import place_points
from geo.matching.records import LAYER, Records
from geo.matching.segment_kernels import Observed, confidence_between, road_between
from geo.roads.network import RoadNetwork
from geo.roads.network_builder import build_network
from geo.roads.osm_roads import OsmRoads
from geo.roads.profiles import CAR
from geo.roads.segment_grid import build_segment_grid
from geo.tracks.cleaning import clean_track
from geo.tracks.stays import stays_among
from geo.tracks.track import Track
from geo.tracks.track_input import recorded_track
from tests.geo.matching.naive_segments import naive_segments
from tests.naive_matching import (
    METRES_PER_DEGREE,
    NaiveCandidate,
    NaiveRoads,
    candidates_near,
    distance_to_parts_m,
    naive_link_features,
    naive_link_margins,
    naive_point_states,
    naive_road_between,
)
from tests.random_roads import ORIGIN_DEGREES, osm_roads, stretched_roads

EVERYTHING_COUNTS = MovementModel(
    hurry_factor=0.0, stray_factor=1e6, detour_nats=1e6, window_nats=1e6, dense_window_nats=1e6
)
"""Nothing is given up early, so that the best history is the best of all."""
OPTIONS = MatchingOptions(
    movement=EVERYTHING_COUNTS, observation=ObservationModel(max_candidates=100, prune_nats=1e6), max_gap_s=1e6
)


def network_of(roads: OsmRoads) -> RoadNetwork:
    """Build a network on which every edge has a length."""
    network = build_network(roads, CAR).network
    assume(network.edge_count > 0 and int(network.edge_length_cm.min()) > 0)
    return network


@st.composite
def walks(draw: st.DrawFn) -> Track:
    """Draw a few points, so far apart that each is an observation."""
    step = st.tuples(st.integers(35, 120), st.integers(0, 15))
    steps = draw(st.lists(step, min_size=1, max_size=4))
    east_m, north_m = np.cumsum([(draw(st.integers(0, 200)), draw(st.integers(0, 200))), *steps], axis=0).T
    latitude = ORIGIN_DEGREES[0] + north_m / METRES_PER_DEGREE
    longitude = ORIGIN_DEGREES[1] + east_m / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN_DEGREES[0])))
    return recorded_track(1_700_000_000_000 + 20_000 * np.arange(len(latitude)), latitude, longitude)


@pytest.mark.twin_of("geo.matching.candidate_kernels")
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    roads=osm_roads() | stretched_roads(),
    east_m=st.floats(-50, 450),
    north_m=st.floats(-50, 450),
    radius_m=st.floats(5.0, 120.0),
)
def test_candidates_are_the_nearest_places_of_all_roads_around(
    roads: OsmRoads, east_m: float, north_m: float, radius_m: float
) -> None:
    """Both directions of every pass of a road within the radius are found, and no other."""
    network = network_of(roads)
    matcher = MapMatcher(network)
    layers = np.zeros(1, LAYER)
    layers["latitude"] = ORIGIN_DEGREES[0] + north_m / METRES_PER_DEGREE
    layers["longitude"] = ORIGIN_DEGREES[1] + east_m / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN_DEGREES[0])))
    layers["device_m"] = math.nan
    reach = SearchReach(radius_m, 1e-9, 1e9, 1.0, 100)
    found = find_candidates(road_cells(build_segment_grid(network)), matcher._tables.shapes.edges, layers, reach)
    naive = candidates_near(network, float(layers["latitude"][0]), float(layers["longitude"][0]), radius_m)
    assume(all(abs(one.distance_m - radius_m) > 0.01 for one in naive))
    assert sorted(found["edge"].tolist()) == sorted(one.edge for one in naive)
    np.testing.assert_allclose(
        sorted(found["distance_m"].tolist()), sorted(one.distance_m for one in naive), rtol=1e-4, atol=0.01
    )


def naive_histories(roads: NaiveRoads, layers: Records, candidates: Records) -> tuple[list[float], list[float]]:
    """Return the cost of the best history of every candidate, and of being off the road at every observation."""
    model = roads.model
    best: list[float] = []
    off_road: list[float] = []
    for number, layer in enumerate(layers):
        here = list(range(layer["candidate_first"], layer["candidate_stop"]))
        off_emission = layer["evidence"] * position_nats(
            max(model.off_road_m, 4.0 * layer["sigma_m"]), layer["sigma_m"]
        )
        if number == 0:
            best.extend(float(candidates["emission"][place]) for place in here)
            off_road.append(off_emission)
            continue
        before = list(range(layers[number - 1]["candidate_first"], layers[number - 1]["candidate_stop"]))
        straight = model.off_road_length_factor * float(layer["step_m"]) / model.detour_m
        least = min((best[place] for place in before), default=math.inf)
        arrive = {place: min(least + model.broken_nats, off_road[-1] + model.off_road_leave_nats) for place in here}
        arrive = {place: nats + straight for place, nats in arrive.items()}
        sigma_m = max(float(layers[number - 1]["sigma_m"]), float(layer["sigma_m"]))
        for source in before:
            start = naive_candidate(candidates, source)
            tails = roads.nats_to_tails(start.edge, start.along_m)
            for place in here:
                way = roads.way_nats(start, tails, naive_candidate(candidates, place), sigma_m)
                arrive[place] = min(arrive[place], best[source] + way)
        seen = {place: nats + float(candidates["emission"][place]) for place, nats in arrive.items()}
        turned = {
            place: min(nats, seen.get(int(candidates["opposite"][place]), math.inf) + model.turn_back_nats)
            for place, nats in seen.items()
        }
        best.extend(turned[place] for place in here)
        off_road.append(min(off_road[-1], least + model.off_road_enter_nats) + straight + off_emission)
    return best, off_road


def naive_candidate(candidates: Records, place: int) -> NaiveCandidate:
    """Return a candidate as the twin takes it."""
    row = candidates[place]
    return NaiveCandidate(int(row["edge"]), float(row["along_m"]), float(row["distance_m"]))


@pytest.mark.twin_of("geo.matching.viterbi_kernels", "geo.matching.road_search_kernels")
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(roads=osm_roads(), track=walks())
def test_one_search_per_observation_finds_what_one_per_candidate_finds(roads: OsmRoads, track: Track) -> None:
    """Every candidate has the cost of its best history: Viterbi with a Dijkstra search from each candidate agrees."""
    network = network_of(roads)
    solution = MapMatcher(network, OPTIONS).solve(clean_track(track), ())
    naive, off_road = naive_histories(NaiveRoads(network, OPTIONS.movement), solution.layers, solution.candidates)
    np.testing.assert_allclose(solution.candidates["nats"], naive, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(solution.layers["off_road_nats"], off_road, rtol=1e-4, atol=1e-3)


@st.composite
def drives(draw: st.DrawFn) -> Track:
    """Draw a drive with dense and sparse points, some of them in one place."""
    step = st.tuples(st.integers(0, 60), st.integers(-8, 8), st.sampled_from([1, 5, 20]))
    steps = draw(st.lists(step, min_size=1, max_size=25))
    east_m, north_m, time_s = np.cumsum([(draw(st.integers(0, 100)), draw(st.integers(0, 300)), 0), *steps], axis=0).T
    latitude = ORIGIN_DEGREES[0] + north_m / METRES_PER_DEGREE
    longitude = ORIGIN_DEGREES[1] + east_m / (METRES_PER_DEGREE * math.cos(math.radians(ORIGIN_DEGREES[0])))
    return recorded_track(1_700_000_000_000 + 1000 * time_s, latitude, longitude)


@pytest.mark.twin_of("geo.matching.segment_kernels", "geo.matching.confidence_kernels")
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(roads=osm_roads(), track=drives())
def test_segments_are_cut_where_and_when_the_path_was_driven(roads: OsmRoads, track: Track) -> None:
    """Edges, shares, times of entry, length and confidence between observations agree with those by arrays."""
    network = network_of(roads)
    matcher = MapMatcher(network)
    layers, candidates, steps, path = matcher.solve(clean_track(track), ())
    margins = link_margins(candidates, steps, path)
    np.testing.assert_allclose(margins, naive_link_margins(candidates, steps, path))
    features = link_features(layers, margins, 5, 20.0)
    np.testing.assert_allclose(features, naive_link_features(layers, margins, 5, 20.0), rtol=1e-6, atol=1e-9)
    sure = np.linspace(0.5, 1.0, len(layers))
    observed = Observed(track.time_ms[layers["first"]], track.time_ms[layers["last"]], layers["step_m"].copy(), sure)
    for start in range(len(layers) - 1):
        for end in range(start + 1, len(layers)):
            if path.link[end] != LINK_ROAD:
                break
            edges = matcher._tables.shapes.edges
            road = road_between(edges, path, observed, start, end)
            edge, entered, left, entry_ms, length_m = naive_road_between(edges, path, observed, start, end)
            assert road.edge.tolist() == edge
            np.testing.assert_allclose(road.from_fraction, entered, atol=1e-6)
            np.testing.assert_allclose(road.to_fraction, np.clip(left, 0.0, 1.0), atol=1e-6)
            np.testing.assert_allclose(road.entry_ms, entry_ms, atol=1.0)
            assert road.length_m == pytest.approx(length_m)
            links = slice(start + 1, end + 1)
            metres = np.maximum(observed.step_m[links], 1e-3)
            mean, doubt_m = confidence_between(observed, start, end)
            assert mean == pytest.approx(float(np.average(sure[links], weights=metres)))
            assert doubt_m == pytest.approx(float(np.sqrt(((1 - sure[links]) * observed.step_m[links] ** 2).sum())))


@pytest.mark.twin_of("geo.matching.laying_kernels")
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(roads=osm_roads(), track=drives(), far_m=st.sampled_from([0.0, 400.0]))
def test_a_match_has_the_segments_and_places_of_its_path(roads: OsmRoads, track: Track, far_m: float) -> None:
    """Kinds, ends, edges, metres and doubt are those of the path cut by lists; points lie where the path has them."""
    network = network_of(roads)
    if far_m:  # a part of the track far from every road
        north = np.where(np.arange(len(track)) % 7 > 3, far_m / METRES_PER_DEGREE, 0.0)
        track = recorded_track(track.time_ms, track.latitude_degrees + north, track.longitude_degrees)
    matcher = MapMatcher(network, MatchingOptions(max_gap_s=15.0))
    cleaned = clean_track(track)
    stays = stays_among(track, cleaned.kept, matcher.options.stays, cleaned.noise_m)
    match, solution = matcher.match_cleaned(cleaned, stays), matcher.solve(cleaned, stays)
    sure = link_confidence(*solution)
    naive = naive_segments(network, matcher._tables.roads.edges, solution, track.time_ms[cleaned.kept], sure)
    assert [segment.kind for segment in match.segments] == [one.kind for one in naive]
    for segment, one in zip(match.segments, naive, strict=True):
        assert (segment.first_point, segment.last_point) == (cleaned.kept[one.first], cleaned.kept[one.last])
        assert segment.edges.tolist() == one.edges
        assert segment.length_m == pytest.approx(one.length_m, rel=1e-3, abs=0.02, nan_ok=True)
        assert segment.doubt_m == pytest.approx(one.doubt_m, rel=1e-6)
    placed = place_points(matcher._tables.shapes, _points(track, cleaned.kept), solution.layers, solution.path)
    assert match.point_edge[cleaned.kept].tolist() == placed.edge.tolist()
    assert match.point_state[cleaned.kept].tolist() == placed.state.tolist()
    assert (match.point_state[~cleaned.keep] == PointState.DROPPED).all()


@pytest.mark.twin_of("geo.matching.placement_kernels")
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(roads=osm_roads(), track=drives())
def test_thinned_points_lie_on_the_nearest_place_of_the_way_between_observations(roads: OsmRoads, track: Track) -> None:
    """Points have the state of their observation, thinned ones that of the link between two and its nearest place."""
    network = network_of(roads)
    matcher = MapMatcher(network)
    layers, _, _, path = matcher.solve(clean_track(track), ())
    columns = (
        track.latitude_degrees,
        track.longitude_degrees,
        track.accuracy_m,
        track.speed_mps,
        track.bearing_degrees,
    )
    placement = place_points(matcher._tables.shapes, Points(track.time_ms, *columns), layers, path)
    assert placement.state.tolist() == naive_point_states(layers, path, len(track))
    for number in range(1, len(layers)):
        if path.link[number] == LINK_ROAD:
            parts = range(path.leave[number - 1], path.arrive[number] + 1)
            for point in range(layers[number - 1]["last"] + 1, layers[number]["first"]):
                place = float(track.latitude_degrees[point]), float(track.longitude_degrees[point])
                expected_m = distance_to_parts_m(network, place, path, parts)
                assert placement.distance_m[point] == pytest.approx(expected_m, rel=1e-3, abs=0.05)
