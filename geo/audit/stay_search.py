"""Finds the stays of a track, those too that lie right beside a longer one.

The search for stays gathers points around a moving centre and then trims arrival and departure. Where somebody walks
from a short stay to a long one a few houses on, the short one is gathered together with the long one and trimmed off
as its arrival. So what lies between two stays is searched again by itself, until nothing more is found.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from geo.tracks.cleaning import CleanedTrack
from geo.tracks.stays import Stay, StayOptions, stays_among


def search_stays(cleaned: CleanedTrack, options: StayOptions) -> tuple[Stay, ...]:
    """Find where a track stood still.

    Parameters
    ----------
    cleaned
        The track with what is believed of it.
    options
        What counts as standing still.

    Returns
    -------
    tuple[Stay, ...]
        In order of time; they do not overlap.
    """
    stays: list[Stay] = []
    pending = [(0, len(cleaned.kept))]
    while pending:
        first, end = pending.pop()
        found = stays_among(cleaned.track, cleaned.kept[first:end], options, cleaned.noise_m)
        stays += found
        if found:
            bounds = [first]
            for stay in found:
                bounds += np.searchsorted(cleaned.kept, [stay.first_point, stay.last_point + 1]).tolist()
            pending += list(pairwise([*bounds, end]))[::2]
    return tuple(sorted(stays, key=lambda stay: stay.first_point))
