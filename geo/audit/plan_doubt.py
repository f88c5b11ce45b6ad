"""Notices a plan in the wrong coordinate system: the worker's stays lie near its customers once they are converted.

The visits then look as if everyone had missed every one of them by some 430 m. No visit is called missed on such a
plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geo.audit.planned_day import PlannedDay
from geo.audit.track_audit import VisitEvidence, VisitVerdict
from geo.coordinate_doubt import CoordinateDoubt, doubt_coordinate_system
from geo.coordinates import CoordinateSystem
from geo.geodesy import great_circles_m
from geo.tracks.stays import Stay

FloatArray = NDArray[np.float64]


def doubt_planned_coordinates(planned_day: PlannedDay, stays: Sequence[Stay]) -> CoordinateDoubt:
    """Compare how near the planned customers lie to the stays, read as WGS-84 and as another system.

    Parameters
    ----------
    planned_day
        The plan, as if in WGS-84.
    stays
        Stays of the track, in WGS-84.

    Returns
    -------
    CoordinateDoubt
        With the likeliest system of the plan.
    """
    places = np.array([(stay.latitude_degrees, stay.longitude_degrees) for stay in stays]).reshape(-1, 2)

    def distance_to_stays_m(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        distance_m = great_circles_m(latitude[:, None], longitude[:, None], places[:, 0], places[:, 1])
        return np.asarray(distance_m.min(axis=1, initial=np.inf))

    return doubt_coordinate_system(
        [stop.latitude_degrees for stop in planned_day.stops],
        [stop.longitude_degrees for stop in planned_day.stops],
        declared=CoordinateSystem.WGS84,
        distance_m=distance_to_stays_m,
    )


def withhold_missed(visits: Sequence[VisitEvidence], why: str) -> tuple[VisitEvidence, ...]:
    """Turn every "missed" into "cannot tell".

    Parameters
    ----------
    visits
        The visit table.
    why
        The doubt, in one sentence.

    Returns
    -------
    tuple[VisitEvidence, ...]
        The visit table without missed visits.
    """
    return tuple(
        replace(line, verdict=VisitVerdict.CANNOT_TELL, reason=why) if line.verdict is VisitVerdict.MISSED else line
        for line in visits
    )
