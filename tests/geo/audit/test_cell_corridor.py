"""The corridor holds everything near the route, nothing far from it, wherever on the earth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.audit.cell_corridor import CorridorOptions, build_corridor, densified
from geo.audit.planned_day import KnownPlace
from geo.geodesy import chord_lengths_m, great_circles_m, places_at

anywhere = st.tuples(st.floats(-70.0, 70.0), st.floats(-179.0, 179.0))
NO_PATH = np.empty(0)


def zigzag(origin: tuple[float, float], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a route of six long straight legs."""
    random = np.random.default_rng(seed)
    return places_at(*origin, east_m=random.uniform(-800, 800, 7), north_m=random.uniform(-800, 800, 7))


def distance_to_line_m(latitude: np.ndarray, longitude: np.ndarray, line: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Metres from each position to a line, by brute force over points half a metre apart."""
    on_line = densified(*line, 0.5)
    return np.array(
        [great_circles_m(*place, *on_line).min() for place in zip(latitude, longitude, strict=True)],
    )


@settings(max_examples=40)
@given(origin=anywhere, seed=st.integers(0, 1000), width_m=st.sampled_from([15.0, 40.0, 90.0]))
def test_near_is_inside_and_far_is_outside(origin: tuple[float, float], seed: int, width_m: float) -> None:
    """Every position within the width is inside; none beyond the width and five cell edges of slack is."""
    line = zigzag(origin, seed)
    corridor = build_corridor(*line, options=CorridorOptions(width_m=width_m))
    random = np.random.default_rng(seed)
    on_line = densified(*line, 20.0)
    start = random.integers(len(on_line[0]), size=60)
    reach_m = random.uniform(0.0, 2.5 * width_m + 80.0, 60)
    angle = random.uniform(0.0, 2.0 * np.pi, 60)
    places = [
        places_at(on_line[0][at], on_line[1][at], east_m=reach * np.cos(turn), north_m=reach * np.sin(turn))
        for at, reach, turn in zip(start, reach_m, angle, strict=True)
    ]
    latitude, longitude = np.array(places, dtype=float).T
    distance_m = distance_to_line_m(latitude, longitude, line)
    inside = corridor.contains(latitude, longitude)
    assert inside[distance_m < width_m].all()
    assert not inside[distance_m > 1.3 * width_m + 65.0].any()


@settings(max_examples=40)
@given(origin=anywhere, seed=st.integers(0, 1000))
def test_no_cell_of_a_long_straight_leg_is_missing(origin: tuple[float, float], seed: int) -> None:
    """A route given by a few distant points has a corridor without holes."""
    line = zigzag(origin, seed)
    corridor = build_corridor(*line, options=CorridorOptions(width_m=1.0))
    assert corridor.contains(*densified(*line, 1.0)).all()


@given(origin=anywhere, radius_m=st.floats(10.0, 300.0), turn=st.floats(0.0, 6.28))
def test_a_place_has_a_disc_of_its_radius(origin: tuple[float, float], radius_m: float, turn: float) -> None:
    """Customers and depots beside the route belong to the corridor up to their own radius."""
    corridor = build_corridor(NO_PATH, NO_PATH, places=[KnownPlace(*origin, radius_m)])
    edge = places_at(*origin, east_m=radius_m * np.cos([turn]), north_m=radius_m * np.sin([turn]))
    beyond = places_at(
        *origin, east_m=(1.5 * radius_m + 80.0) * np.cos([turn]), north_m=(1.5 * radius_m + 80.0) * np.sin([turn])
    )
    assert corridor.contains(*edge).all()
    assert not corridor.contains(*beyond).any()


def test_cells_are_ascending_and_unique() -> None:
    """The cells come in one order, so that two corridors of the same route are equal."""
    line = zigzag((60.17, 24.94), 1)
    cells = build_corridor(*line).cells
    assert cells.dtype == np.uint64
    assert (np.diff(cells.astype(object)) > 0).all()


def test_no_route_and_no_place_is_an_empty_corridor() -> None:
    """Nothing planned is near nothing."""
    corridor = build_corridor(NO_PATH, NO_PATH)
    assert len(corridor.cells) == 0
    assert not corridor.contains([60.17], [24.94]).any()


def test_a_route_of_one_point_is_a_disc() -> None:
    """A route that is a single point still has a corridor."""
    corridor = build_corridor(np.array([60.17]), np.array([24.94]))
    assert corridor.contains([60.17], [24.94]).all()


@given(origin=anywhere, seed=st.integers(0, 1000), step_m=st.floats(3.0, 200.0))
def test_densified_keeps_every_point_and_no_long_step(origin: tuple[float, float], seed: int, step_m: float) -> None:
    """The denser line goes through every given point, has no step that is too long, and is no longer than before."""
    line = zigzag(origin, seed)
    dense = densified(*line, step_m)
    lengths_m = chord_lengths_m(*dense)
    assert lengths_m.max() <= step_m * 1.001
    assert lengths_m.sum() == pytest.approx(chord_lengths_m(*line).sum(), rel=1e-3)
    assert set(zip(*line, strict=True)) <= set(zip(*dense, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resolution": 16}, r"resolution must be between 0 and 15 \(got 16\)"),
        ({"width_m": 0.0}, r"width_m must be positive \(got 0.0\)"),
        ({"width_m": float("nan")}, r"width_m must be positive \(got nan\)"),
    ],
)
def test_a_corridor_that_cannot_be_built_is_refused(options: dict[str, float], message: str) -> None:
    """Options out of range name themselves and what was given."""
    with pytest.raises(ValueError, match=message):
        CorridorOptions(**options)  # type: ignore[arg-type]
