"""Says where the mismatch between a match and the true route lies: at the ends, in the truth, or in the match.

A stretch that only one of the two lines has is judged by the recording, fix by fix. What of the truth lies before the
first or after the last fix was never recorded: that is an end. Where the fixes lie nearer to the match than to the
truth, either the truth is not where the vehicle was, or its receiver was not; nobody can tell from the recording, and
a matcher that followed the truth there would have had to doubt the fixes. Where they lie nearer to the truth, the match
is mistaken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.route_score import SAMPLE_STEP_M, is_covered, sampled, travelled_lines, unrecorded_ends_m
from geo.geodesy import METRES_PER_DEGREE, chord_lengths_m
from geo.matching.match import Match
from geo.roads.network import RoadNetwork
from geo.tracks.track import Track

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Residual:
    """Metres missed and wrongly added on the ground, by where they lie.

    Parameters
    ----------
    at_ends_m
        Of the truth before the first and after the last fix of the recording.
    beside_fixes_m
        Where the fixes lie nearer to the match than to the truth.
    mistaken_m
        Where they lie nearer to the truth.
    true_m
        Length of the true route.
    """

    at_ends_m: float
    beside_fixes_m: float
    mistaken_m: float
    true_m: float


def residual_on_ground(
    network: RoadNetwork, track: Track, match: Match, truth: FloatArray, recording: Track
) -> Residual:
    """Divide the mismatch of `benchmarks.route_score.score_on_ground` into its parts.

    Parameters
    ----------
    network, track, match
        The match and what it was made from.
    truth
        ``(p, 2)`` latitude and longitude of the true route.
    recording
        All fixes of the recording, of which the track may be a part.

    Returns
    -------
    Residual
        Its parts add up to the metres missed and added.
    """
    true_samples = sampled([truth], truth[0])
    our_samples = sampled(travelled_lines(network, track, match), truth[0])
    missed, added = ~is_covered(true_samples, our_samples), ~is_covered(our_samples, true_samples)
    is_end = missed & _is_outside(truth, track, len(missed))
    places = np.concatenate([true_samples[0][missed & ~is_end], our_samples[0][added]])
    speaks_for_match = _fixes_nearer_to(our_samples[0], true_samples[0], _metres_of(recording, truth[0]), places)
    return Residual(
        at_ends_m=SAMPLE_STEP_M * float(is_end.sum()),
        beside_fixes_m=SAMPLE_STEP_M * float(speaks_for_match.sum()),
        mistaken_m=SAMPLE_STEP_M * float((~speaks_for_match).sum()),
        true_m=float(chord_lengths_m(truth[:, 0], truth[:, 1]).sum()),
    )


def _is_outside(truth: FloatArray, track: Track, count: int) -> NDArray[np.bool_]:
    """Which samples of the truth lie before the place of the first fix, or after that of the last one."""
    before_m, after_m = unrecorded_ends_m(truth, track)
    whole_m = float(chord_lengths_m(truth[:, 0], truth[:, 1]).sum())
    at_m = SAMPLE_STEP_M * (np.arange(count) + 0.5)
    return np.asarray((at_m < before_m) | (at_m > whole_m - after_m))


def _metres_of(track: Track, origin: FloatArray) -> FloatArray:
    east = (track.longitude_degrees - origin[1]) * METRES_PER_DEGREE * np.cos(np.radians(origin[0]))
    return np.column_stack([east, (track.latitude_degrees - origin[0]) * METRES_PER_DEGREE])


def _fixes_nearer_to(one: FloatArray, other: FloatArray, fixes: FloatArray, places: FloatArray) -> NDArray[np.bool_]:
    """Whether the fix next to each place lies nearer to one line than to another, both given by their samples."""
    if len(one) == 0 or len(other) == 0:
        return np.zeros(len(places), np.bool_)
    _, fix = cKDTree(fixes).query(places)
    return np.asarray(cKDTree(one).query(fixes[fix])[0] < cKDTree(other).query(fixes[fix])[0])
