"""Stays beside longer ones are found too."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.audit.stay_search import search_stays
from geo.tracks.cleaning import clean_track
from geo.tracks.stays import StayOptions, stays_among
from tests.geo.audit.field_track import MORNING_MS, Act, field_track, without

MINUTE_MS = 60_000
SHORT_THEN_LONG = [Act((0.0, 1000.0), 6.5), Act((0.0, 1043.0), 14.0), Act((500.0, 0.0), 1.0)]


@pytest.mark.parametrize("seed", range(4))
def test_a_short_stay_beside_a_long_one_is_found(seed: int) -> None:
    """Six minutes at one house and fourteen at the next but one are covered by stays from the first minute on."""
    track = field_track(SHORT_THEN_LONG, every_s=1.0, noise_m=3.0, seed=seed)
    stays = search_stays(clean_track(track), StayOptions())
    stayed_ms = sum(stay.end_ms - stay.start_ms for stay in stays)
    assert stayed_ms > 19 * MINUTE_MS
    assert stays[0].start_ms < MORNING_MS + 4 * MINUTE_MS


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), hidden_share=st.sampled_from([0.0, 0.5, 0.98]))
def test_stays_are_apart_and_hold_those_of_the_plain_search(seed: int, hidden_share: float) -> None:
    """The second look takes nothing away, and stays follow one another without overlap."""
    random = np.random.default_rng(seed)
    acts = [Act(tuple(random.uniform(-150.0, 150.0, 2)), random.uniform(1.0, 12.0)) for _ in range(6)]
    track = field_track(acts, every_s=5.0, noise_m=6.0, seed=seed)
    cleaned = clean_track(without(track, random.random(len(track)) < hidden_share))
    options = StayOptions(min_duration_s=60.0)
    plain = stays_among(cleaned.track, cleaned.kept, options, cleaned.noise_m)
    found = search_stays(cleaned, options)
    assert set(plain) <= set(found)
    assert all(first.last_point < second.first_point for first, second in pairwise(found))


def test_no_points_have_no_stays() -> None:
    """A track without a believed point stands nowhere."""
    track = field_track(SHORT_THEN_LONG)
    assert search_stays(clean_track(without(track, np.ones(len(track), dtype=bool))), StayOptions()) == ()
