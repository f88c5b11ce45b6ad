"""How often points that are matched while they come in lie where the whole track puts them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from benchmarks.matching_data import PORTO_NOISES_M, PORTO_RATES_S, porto_drives, porto_network
from benchmarks.real_drives import INTERVALS_S, thinned_recordings
from geo.matching.map_matcher import MapMatcher
from geo.matching.match import PointState
from geo.matching.online_matcher import OnlineMatcher, WorkerState
from geo.matching.receiver import ReceiverError
from geo.tracks.track import Track

PART = 25
"""Points that come in at once."""


@dataclass
class _Same:
    """Counts points, and those that settle on the edge that the whole track gives them."""

    points: int = 0
    same: int = 0
    known_points: int = 0
    known_same: int = 0
    most_bytes: int = 0


def live_measures(drives: int, recordings: int) -> dict[str, float]:
    """Compare live and whole matching.

    Parameters
    ----------
    drives, recordings
        How many given drives over Porto, and real recordings.

    Returns
    -------
    dict[str, float]
        ``live_same_{set}``: share of the points on the same edge; ``live_same_known_{set}``: the same of the points
        outside stays where both know the errors of the receiver beforehand; ``live_bytes_{set}``: the most that was
        remembered of a worker.
    """
    counts: dict[str, _Same] = defaultdict(_Same)
    matcher = MapMatcher(porto_network())
    for rate_s in PORTO_RATES_S:
        for noise_m in PORTO_NOISES_M:
            for drive in porto_drives(rate_s, noise_m)[:drives]:
                _compare(matcher, drive.track, counts[f"porto_{rate_s}s_{noise_m}m"])
    for network, tracks in thinned_recordings(recordings):
        matcher = MapMatcher(network)
        for every_s in INTERVALS_S:
            _compare(matcher, tracks[every_s], counts[f"kubicka_{every_s}s"])
    measures: dict[str, float] = {}
    for name, same in counts.items():
        measures[f"live_same_{name}"] = same.same / same.points
        measures[f"live_same_known_{name}"] = same.known_same / same.known_points
        measures[f"live_bytes_{name}"] = same.most_bytes
    return measures


def _compare(matcher: MapMatcher, track: Track, counts: _Same) -> None:
    online, state, edges = OnlineMatcher(matcher), WorkerState.fresh(), []
    for start in range(0, len(track), PART):
        part = Track(**{name: column[start : start + PART] for name, column in vars(track).items()})
        state, settled = online.push(state, part)
        edges.append(settled.edge)
        counts.most_bytes = max(counts.most_bytes, state.size_bytes)
    edges.append(online.finish(state).edge)
    whole = matcher.match(track)
    counts.points += len(track)
    counts.same += int((np.concatenate(edges) == whole.point_edge).sum())

    known = ReceiverError.known(white_m=whole.receiver.white_m, drift_m=whole.receiver.drift_m)
    whole, live = matcher.match(track, known), online.match(track, known)
    moving = (whole.point_state != PointState.STAY) & (live.state != PointState.STAY)
    counts.known_points += int(moving.sum())
    counts.known_same += int((live.edge == whole.point_edge)[moving].sum())
