"""The kernels that judge candidates against their naive twin."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.matching.emission_kernels import EmissionModel, judge_candidates, position_nats
from geo.matching.records import CANDIDATE, EDGE, LAYER, Records
from tests.geo.matching.naive_emission import NaiveJudgement, naive_judgements, naive_nats

MODEL = EmissionModel(
    guess_m=6.0,
    guess_weight=5.0,
    per_nearest=1.15,
    floor_m=4.0,
    ceiling_m=25.0,
    correlation_m=80.0,
    heading_nats=4.0,
    forbidden_nats=3.0,
    prune_nats=20.0,
)


@pytest.mark.twin_of("geo.matching.emission_kernels")
@pytest.mark.interpreted
@given(distance_m=st.floats(0.0, 500.0), sigma_m=st.floats(1.0, 50.0))
def test_distance_costs_squares_near_by_and_grows_evenly_beyond(distance_m: float, sigma_m: float) -> None:
    """A position costs as a normal distribution up to three standard deviations, and as the tangent there beyond."""
    assert position_nats(distance_m, sigma_m) == pytest.approx(naive_nats(distance_m / sigma_m), abs=1e-9)


@st.composite
def trellises(draw: st.DrawFn) -> tuple[Records, Records, Records]:
    """Draw edges, observations on the move or not, and for each a few roads at hand in both directions."""
    roads_at_hand = draw(st.lists(st.integers(0, 4), min_size=1, max_size=8))
    told = np.random.default_rng(draw(st.integers(0, 999)))
    spread_m = draw(st.sampled_from([5.0, 40.0, 150.0]))
    count, passes = len(roads_at_hand), sum(roads_at_hand)
    edges = np.zeros(6, EDGE)
    edges["is_forbidden"] = told.random(6) < 0.4
    layers = np.zeros(count, LAYER)
    layers["candidate_stop"] = 2 * np.cumsum(roads_at_hand)
    layers["candidate_first"][1:] = layers["candidate_stop"][:-1]
    layers["white_m"] = told.choice([0.0, 2.0, 9.0], count)
    layers["device_m"] = told.choice([math.nan, 1.0, 12.0], count)
    layers["step_m"] = told.choice([0.0, 15.0, 60.0, 200.0], count)
    layers["starts_run"] = told.random(count) < 0.2
    layers["heading_weight"] = told.random(count)
    for side in ("before", "after"):
        angle = told.uniform(0.0, math.tau, count)
        layers[f"{side}_east"], layers[f"{side}_north"] = np.sin(angle), np.cos(angle)
    candidates = np.zeros(2 * passes, CANDIDATE)
    candidates["edge"] = told.integers(0, 6, 2 * passes)
    candidates["opposite"] = np.arange(2 * passes) ^ 1
    candidates["distance_m"] = np.repeat(told.uniform(0.0, spread_m, passes), 2)
    candidates["along_m"] = np.arange(2 * passes)
    angle = np.repeat(told.uniform(0.0, math.tau, passes), 2) + np.tile([0.0, math.pi], passes)
    candidates["east"], candidates["north"] = np.sin(angle), np.cos(angle)
    return edges, layers, candidates


@pytest.mark.twin_of("geo.matching.emission_kernels")
@pytest.mark.interpreted
@settings(max_examples=150)
@given(trellis=trellises(), prune_nats=st.sampled_from([0.5, 2.0, 20.0]), guess_weight=st.sampled_from([0.2, 5.0]))
def test_candidates_are_judged_by_the_error_of_their_track_and_the_dear_ones_left_out(
    trellis: tuple[Records, Records, Records], prune_nats: float, guess_weight: float
) -> None:
    """Errors, weights, costs, what remains and which candidates are still opposite agree with those judged by lists."""
    edges, layers, candidates = trellis
    model = MODEL._replace(prune_nats=prune_nats, guess_weight=guess_weight)
    naive = naive_judgements(edges, layers, candidates, model)
    assume(not is_on_the_edge(edges, layers, candidates, model))
    kept = judge_candidates(edges, layers, candidates.copy(), model)
    np.testing.assert_allclose(layers["sigma_m"], [one.sigma_m for one in naive], rtol=1e-5)
    np.testing.assert_allclose(layers["evidence"], [one.evidence for one in naive], rtol=1e-5)
    remaining = [place for one in naive for place in one.remaining]
    ends = np.cumsum([len(one.remaining) for one in naive])
    assert layers["candidate_stop"].tolist() == ends.tolist()
    assert layers["candidate_first"].tolist() == [0, *ends[:-1].tolist()]
    for name in ("edge", "along_m", "distance_m", "east", "north"):
        assert kept[name].tolist() == candidates[name][remaining].tolist()
    now = {place: number for number, place in enumerate(remaining)}
    assert kept["opposite"].tolist() == [now.get(int(candidates["opposite"][place]), -1) for place in remaining]
    costs = [nats for one in naive for nats in one.remaining.values()]
    np.testing.assert_allclose(kept["emission"], costs, rtol=1e-4, atol=1e-5)


def is_on_the_edge(edges: Records, layers: Records, candidates: Records, model: EmissionModel) -> bool:
    """Whether rounding decides what remains: a little more or less to prune makes a difference."""

    def remaining(slack: float) -> list[list[int]]:
        pruned = model._replace(prune_nats=model.prune_nats + slack)
        judged: list[NaiveJudgement] = naive_judgements(edges, layers, candidates, pruned)
        return [list(one.remaining) for one in judged]

    return remaining(-1e-4) != remaining(1e-4)
