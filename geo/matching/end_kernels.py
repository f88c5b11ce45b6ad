"""Steadies the two ends of a path: where on its road a track began and ended.

A path is as long as the roads between the places on which its first and last point were laid, so its length carries
the noise of two single points, while everything in between is as exact as the map. But a vehicle does not jump: how
it went on shows where it must have been. Its progress along the path is followed towards the end by a Kalman filter
of constant speed (Bar-Shalom, Li and Kirubarajan 2001, "Estimation with Applications to Tracking and Navigation",
section 6.2.2), and the end is put where the filter ends.

Progress is measured in seconds of the map's speeds, so that coming from a slow road to a fast one is no change of
speed. How steadily this vehicle went compared with how noisy its points are, the track itself tells: of some values,
the one under which its own progress is likeliest. Who drives by fits and starts is not steadied.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64
from geo.matching.path_kernels import LINK_ROAD, Path
from geo.matching.records import Records

_LONGEST_WINDOW = 48
"""So many observations at most say how the vehicle went."""
_SHORTEST_WINDOW = 6
_STEADINESS = (0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Change of speed in a second, as its standard deviation in noises of a position."""
_MOST_NOISES = 2.5
"""Nothing is moved farther than that."""
_LEAST_STEP_S = 1e-3
_LEAST_VARIANCE = 1e-9


@njit(nogil=True, cache=True)
def settle_ends(edges: Records, first_ms: NDArray[np.int64], layers: Records, path: Path) -> None:
    """Move the ends of every run of a path along the roads on which they lie, as far as the way from there shows it.

    Ends at a stay, off the road or with little way beside them stay where they are. No end leaves its edge, or passes
    the observation beside it.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    first_ms
        ``(k,)`` times of the believed points.
    layers
        ``(t,)`` `LAYER`.
    path
        The path, changed in place.
    """
    count = len(layers)
    window = np.empty((_LONGEST_WINDOW, 3))
    for number in range(count):
        if layers[number]["starts_run"]:
            used = _window(edges, first_ms, layers, path, number, int64(1), window)
            if used >= _SHORTEST_WINDOW:
                _move_start(edges, path, number, -_correction_s(window[_LONGEST_WINDOW - used :]))
        if number == count - 1 or layers[number + 1]["starts_run"]:
            used = _window(edges, first_ms, layers, path, number, int64(-1), window)
            if used >= _SHORTEST_WINDOW:
                _move_end(edges, path, number, _correction_s(window[_LONGEST_WINDOW - used :]))


@inner_kernel
def _window(
    edges: Records,
    time_ms: NDArray[np.int64],
    layers: Records,
    path: Path,
    end: int,
    step: int,
    window: NDArray[np.float64],
) -> int:
    """Collect time, progress and most noise of the observations next to an end, the end last; return how many.

    All are seconds, the last two by the map's speeds; time and progress are counted towards the end, from 0 there.
    Where the white noise is not known, the error of a position stands in for it.
    """
    used, progress_s = 0, 0.0
    number = end
    while used < _LONGEST_WINDOW and 0 <= number < len(layers):
        layer = layers[number]
        if layer["first"] < layer["last"] or path.arrive[number] < 0 or path.arrive[number] != path.leave[number]:
            break
        if number != end:
            later = max(number, number - step)
            if path.link[later] != LINK_ROAD:
                break
            progress_s -= seconds_between(edges, path, later)
        row = window[_LONGEST_WINDOW - 1 - used]
        row[0] = -abs(time_ms[layer["first"]] - time_ms[layers[end]["first"]]) / 1000.0
        row[1] = progress_s
        noise_m = layer["white_m"] if layer["white_m"] > 0.0 else layer["sigma_m"]
        row[2] = noise_m * edges[path.edge[path.arrive[number]]]["seconds_per_m"]
        used += 1
        number += step
    return used


@inner_kernel
def seconds_between(edges: Records, path: Path, number: int) -> float:
    """Seconds that the way to an observation from the one before takes at the map's speeds."""
    first, last = path.leave[number - 1], path.arrive[number]
    total_s = 0.0
    for part in range(first, last + 1):
        from_m = path.along_m[number - 1] if part == first else path.from_m[part]
        to_m = path.along_m[number] if part == last else path.to_m[part]
        total_s += max(0.0, to_m - from_m) * edges[path.edge[part]]["seconds_per_m"]
    return total_s


@inner_kernel
def _correction_s(window: NDArray[np.float64]) -> float:
    """How far beyond its projection the last observation of a window was made, by the likeliest steadiness."""
    best_s, best_nats = 0.0, math.inf
    for steadiness in _STEADINESS:
        nats, beyond_s, noise_s = _filtered(window, steadiness)
        if nats < best_nats:
            most_s = _MOST_NOISES * noise_s
            best_s, best_nats = min(max(beyond_s, -most_s), most_s), nats
    return best_s


@inner_kernel
def _filtered(window: NDArray[np.float64], steadiness: float) -> tuple[float, float, float]:
    """Follow the progress: cost of it, how far beyond the last observation the filter ends, noise of that observation.

    Variances are counted in those of a usual position, by the most that its noise can be. Below that, it is taken to be
    what fits best.
    """
    count = len(window)
    usual_2 = 0.0
    for number in range(count):
        usual_2 += window[number, 2] * window[number, 2] / count
    one_2, other_2 = window[0, 2] ** 2 / usual_2, window[1, 2] ** 2 / usual_2
    drive = steadiness * steadiness
    step_s = max(window[1, 0] - window[0, 0], _LEAST_STEP_S)
    place, speed = window[1, 1], (window[1, 1] - window[0, 1]) / step_s
    place_2, both, speed_2 = other_2, other_2 / step_s, (one_2 + other_2) / (step_s * step_s) + drive * step_s
    squares, logs, noise_2 = 0.0, 0.0, 1.0
    for number in range(2, count):
        step_s = max(window[number, 0] - window[number - 1, 0], _LEAST_STEP_S)
        place += step_s * speed
        place_2 += step_s * (2.0 * both + step_s * speed_2) + drive * step_s * step_s * step_s / 3.0
        both += step_s * speed_2 + drive * step_s * step_s / 2.0
        speed_2 += drive * step_s
        noise_2 = window[number, 2] ** 2 / usual_2
        surprise, spread = window[number, 1] - place, place_2 + noise_2
        squares += surprise * surprise / (spread * usual_2)
        logs += math.log(spread)
        by_place, by_speed = place_2 / spread, both / spread
        place, speed = place + by_place * surprise, speed + by_speed * surprise
        speed_2 -= by_speed * both
        both *= 1.0 - by_place
        place_2 *= 1.0 - by_place
    seen_2 = min(max(squares / (count - 2), _LEAST_VARIANCE), 1.0)
    nats = 0.5 * (logs + (count - 2) * math.log(seen_2) + squares / seen_2)
    return nats, place - window[count - 1, 1], math.sqrt(seen_2 * usual_2 * noise_2)


@inner_kernel
def _move_start(edges: Records, path: Path, number: int, onward_s: float) -> None:
    """Move the first observation of a run onward along its edge, by metres of so many seconds."""
    part = path.leave[number]
    most_m = path.along_m[number + 1] if path.arrive[number + 1] == part else path.to_m[part]
    along_m = path.along_m[number] + onward_s / edges[path.edge[part]]["seconds_per_m"]
    along_m = min(max(along_m, 0.0), most_m)
    path.along_m[number], path.from_m[part] = along_m, along_m


@inner_kernel
def _move_end(edges: Records, path: Path, number: int, onward_s: float) -> None:
    """Move the last observation of a run onward along its edge, by metres of so many seconds."""
    part = path.arrive[number]
    least_m = path.along_m[number - 1] if path.leave[number - 1] == part else path.from_m[part]
    edge = edges[path.edge[part]]
    along_m = path.along_m[number] + onward_s / edge["seconds_per_m"]
    along_m = max(min(along_m, edge["length_m"]), least_m)
    path.along_m[number], path.to_m[part] = along_m, along_m
