"""The kernels that read the best path out of a trellis against their naive twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.matching.path_kernels import best_states, trace_path
from geo.matching.records import CANDIDATE, EDGE, LAYER, STEP, Records
from geo.matching.viterbi_kernels import BROKEN, FROM_OFF_ROAD, ON_SAME_EDGE, START, TURNED_BACK
from tests.geo.matching.naive_path import naive_path, naive_states

EDGE_COUNT = 8
"""Edges 2k and 2k + 1 are the two directions of a road."""


@st.composite
def trellises(draw: st.DrawFn) -> tuple[Records, Records, Records, Records]:
    """Draw filled trellises with ways of all kinds, holes and observations without candidates."""
    roads_at_hand = draw(st.lists(st.integers(0, 3), min_size=1, max_size=8))
    told = np.random.default_rng(draw(st.integers(0, 9_999)))
    edges = np.zeros(EDGE_COUNT, EDGE)
    edges["length_m"] = np.repeat(told.integers(20, 90, EDGE_COUNT // 2), 2)
    layers = np.zeros(len(roads_at_hand), LAYER)
    layers["candidate_stop"] = 2 * np.cumsum(roads_at_hand)
    layers["candidate_first"][1:] = layers["candidate_stop"][:-1]
    layers["starts_run"] = told.random(len(layers)) < 0.2
    layers["starts_run"][0] = True
    layers["off_road_nats"] = told.choice([1.0, 30.0], len(layers))
    candidates = np.zeros(2 * sum(roads_at_hand), CANDIDATE)
    road = told.integers(0, EDGE_COUNT // 2, sum(roads_at_hand))
    candidates["edge"] = np.ravel([2 * road, 2 * road + 1], order="F")
    candidates["along_m"] = told.uniform(0.0, 1.0, len(candidates)) * edges["length_m"][candidates["edge"]]
    candidates["nats"] = told.integers(0, 20, len(candidates))
    steps: list[tuple[int, int, int, float]] = []
    for number, layer in enumerate(layers):
        _draw_histories(told, layers, number, candidates, steps)
        if layer["starts_run"]:
            layer["off_road_before"] = START
        else:
            layer["off_road_before"] = told.choice([FROM_OFF_ROAD, *_places(layers, number - 1)])
    return edges, layers, candidates, np.array(steps, STEP)


def _places(layers: Records, number: int) -> range:
    return range(layers["candidate_first"][number], layers["candidate_stop"][number])


def _draw_histories(
    told: np.random.Generator,
    layers: Records,
    number: int,
    candidates: Records,
    steps: list[tuple[int, int, int, float]],
) -> None:
    """Give every candidate of an observation a history: from the same edge, over others, straight, or turned back."""
    for place in _places(layers, number):
        candidate = candidates[place]
        opposite = place ^ 1
        if layers["starts_run"][number]:
            candidate["before"], candidate["way"] = START, ON_SAME_EDGE
        else:
            before = list(_places(layers, number - 1))
            same = [old for old in before if candidates["edge"][old] == candidate["edge"]]
            kind = told.integers(0, 5)  # the same edge, if possible, and a way over others are more likely
            if kind == 0 or not before:
                candidate["before"], candidate["way"] = FROM_OFF_ROAD, BROKEN
            elif kind == 1:
                candidate["before"], candidate["way"] = told.choice(before), BROKEN
            elif same and kind > 2:
                candidate["before"], candidate["way"] = told.choice(same), ON_SAME_EDGE
            else:
                candidate["before"] = told.choice(before)
                candidate["way"] = _draw_way(told, steps, int(candidate["before"]), int(candidate["edge"]))
        if opposite < place and candidates["way"][opposite] != TURNED_BACK and told.random() < 0.3:
            candidate["before"], candidate["way"] = opposite, TURNED_BACK


def _draw_way(told: np.random.Generator, steps: list[tuple[int, int, int, float]], source: int, edge: int) -> int:
    """Draw the steps of a way that ends on an edge; return its last."""
    before = -1 - source
    for on in [*told.integers(0, EDGE_COUNT, told.integers(0, 4)).tolist(), edge]:
        steps.append((on, before, source, 0.0))
        before = len(steps) - 1
    return before


@pytest.mark.twin_of("geo.matching.path_kernels")
@pytest.mark.interpreted
@settings(max_examples=200)
@given(trellis=trellises())
def test_the_path_is_the_drive_through_the_best_states(trellis: tuple[Records, Records, Records, Records]) -> None:
    """States, links, parts of edges and places of the observations on them agree with those of a drive by lists."""
    edges, layers, candidates, steps = trellis
    arrive, leave = best_states(layers, candidates)
    assert list(zip(arrive.tolist(), leave.tolist(), strict=True)) == naive_states(layers, candidates)
    path, naive = trace_path(edges, layers, candidates, steps), naive_path(edges, layers, candidates, steps)
    assert path.edge.tolist() == [part[0] for part in naive.parts]
    np.testing.assert_allclose(path.from_m, [part[1] for part in naive.parts], rtol=1e-6)
    np.testing.assert_allclose(path.to_m, [part[2] for part in naive.parts], rtol=1e-6)
    assert path.link.tolist() == naive.link
    assert path.arrive.tolist() == naive.arrive
    assert path.leave.tolist() == naive.leave
    assert path.candidate.tolist() == naive.candidate
    np.testing.assert_allclose(path.along_m, [math.nan if one is None else one for one in naive.along_m], rtol=1e-6)
