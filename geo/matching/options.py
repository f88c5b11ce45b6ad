"""How tracks are laid on roads: every number that matching depends on, with its meaning."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.tracks.cleaning import CleaningOptions
from geo.tracks.stays import StayOptions


@dataclass(frozen=True)
class MovementModel:
    """What the hidden Markov model believes about movement. Nats are negative natural logarithms of probabilities.

    The defaults were chosen on a part of the tracks of `benchmarks/measure_matching_accuracy.py` and are measured on
    the others.

    Parameters
    ----------
    detour_m
        A way costs one nat per so many metres: β of Newson & Krumm (2009, equation 2). It is the same for every
        sampling, because it is the driver's dislike of detours, not the noise of distances between observations.
    sharpest_turn_nats
        A turn by half a circle onto another road; less for blunter ones.
    u_turn_nats, dead_end_u_turn_nats
        Turning back at a junction, at a dead end.
    turn_back_nats, turn_back_at_stay_nats
        Turning back in the middle of a road, while moving and where the worker stood still.
    forbidden_turn_nats
        A turn against a restriction, or passing a barrier.
    forbidden_edge_nats, forbidden_length_share
        Entering an edge that the profile may not use; each of its metres costs so much more.
    reverse_m, reverse_sigmas, reverse_noises
        So many metres backwards along an edge pass as noise; those beyond, up to so many standard deviations of the
        position error, as noise that costs half its square in standard deviations. Noise that wanders so far is rough
        from point to point too: more than so many standard deviations of the white noise is really driven.
    off_road_enter_nats, off_road_leave_nats, off_road_length_factor
        Leaving the roads and coming back; a metre off the road costs so many times one on the road.
    off_road_m
        Being off the road costs as much as being on a road at this distance.
    broken_nats
        Going straight from one road to another that no road joins.
    time_share
        Drivers choose ways by duration with this weight, the rest by length.
    speed_margin, min_speed_mps, hurry_factor
        Between two observations a worker well goes so many times as fast as seen around, and at least the second;
        metres beyond that cost so many times as much in addition.
    stray_factor, detour_nats
        Ways that cost more than so many straight lines, and the last in addition, are not followed.
    window_nats, dense_window_nats
        Histories that cost so much more than the best are given up; the second where observations lie close together.
    """

    detour_m: float = 45.0
    sharpest_turn_nats: float = 2.0
    u_turn_nats: float = 7.0
    dead_end_u_turn_nats: float = 3.0
    turn_back_nats: float = 8.0
    turn_back_at_stay_nats: float = 2.0
    forbidden_turn_nats: float = 6.0
    forbidden_edge_nats: float = 3.0
    forbidden_length_share: float = 0.5
    reverse_m: float = 10.0
    reverse_sigmas: float = 3.0
    reverse_noises: float = 20.0
    off_road_enter_nats: float = 30.0
    off_road_leave_nats: float = 30.0
    off_road_length_factor: float = 1.3
    off_road_m: float = 45.0
    broken_nats: float = 90.0
    time_share: float = 0.85
    speed_margin: float = 1.2
    min_speed_mps: float = 8.0
    hurry_factor: float = 6.0
    stray_factor: float = 1.8
    detour_nats: float = 12.0
    window_nats: float = 8.0
    dense_window_nats: float = 60.0

    def __post_init__(self) -> None:
        """Refuse negative numbers."""
        for name, value in vars(self).items():
            if not value >= 0.0:
                message = f"{name} must not be negative (got {value})"
                raise ValueError(message)


@dataclass(frozen=True)
class ObservationModel:
    """What the hidden Markov model believes about points.

    Parameters
    ----------
    guess_m, guess_weight
        Standard deviation per axis of the position error before anything is known of the track, and the number of
        observations that this guess counts for.
    error_per_nearest
        The error of a track, where the device gives none, is the root mean square distance to the nearest roads times
        this: another road may be nearer than the true one.
    floor_m, ceiling_m
        Bounds of the slow part of the error: drift of the receiver, reflections, width of the road.
    correlation_m
        The slow part stays the same over about so many metres; closer observations repeat its evidence.
    spacing_m, spacing_noises, max_spacing_m
        Points closer together than `spacing_m`, or than so many standard deviations of the white noise, are thinned;
        never to more than the last.
    turn_m, turn_noises
        A track that comes so much nearer to its last observation again, or so many standard deviations of the white
        noise, has turned back: its farthest point is an observation.
    window_noises
        Points within so many standard deviations of the white noise share in one observation.
    search_radius_m, search_radius_sigmas, max_search_radius_m
        How far to look for roads: `search_radius_m` or so many standard deviations, at most the last.
    heading_nats
        Cost of a road against the direction of movement.
    forbidden_nats
        Cost of an observation on an edge that the profile may not use.
    prune_nats, max_candidates
        Places that cost so much more than the best, and roads beyond so many, are left out.
    """

    guess_m: float = 6.0
    guess_weight: float = 5.0
    error_per_nearest: float = 1.15
    floor_m: float = 4.0
    ceiling_m: float = 25.0
    correlation_m: float = 80.0
    spacing_m: float = 30.0
    spacing_noises: float = 3.0
    max_spacing_m: float = 60.0
    turn_m: float = 10.0
    turn_noises: float = 4.0
    window_noises: float = 3.0
    search_radius_m: float = 50.0
    search_radius_sigmas: float = 5.0
    max_search_radius_m: float = 120.0
    heading_nats: float = 4.0
    forbidden_nats: float = 3.0
    prune_nats: float = 20.0
    max_candidates: int = 12

    def __post_init__(self) -> None:
        """Refuse numbers that are not positive."""
        for name, value in vars(self).items():
            if not value > 0.0:
                message = f"{name} must be positive (got {value})"
                raise ValueError(message)


@dataclass(frozen=True)
class WalkingModel:
    """What counts as walking between a vehicle and a door, and is not driven (`geo.matching.walk_kernels`).

    Parameters
    ----------
    reach_m, unseen_reach_m
        Nobody walks farther from the vehicle than this, nor from one door to the next. Where fixes lie so far apart in
        time that a short drive looks as slow as a walk, the second counts, which is at most the first.
    walk_mps, device_mps
        What is faster, by the points beyond doubt or by the device's own speed, is driven.
    least_m, apart_m
        A vehicle closer to a door than this stands at the door. Where it was left and where it was found again are the
        same place if they lie so close together.
    most_radius_m
        Around stays whose points scatter farther than this, walking is not told from noise.
    """

    reach_m: float = 120.0
    unseen_reach_m: float = 80.0
    walk_mps: float = 1.6
    device_mps: float = 2.2
    least_m: float = 12.0
    apart_m: float = 25.0
    most_radius_m: float = 20.0

    def __post_init__(self) -> None:
        """Refuse numbers that are not positive."""
        for name, value in vars(self).items():
            if not value > 0.0:
                message = f"{name} must be positive (got {value})"
                raise ValueError(message)


@dataclass(frozen=True)
class MatchingOptions:
    """How a track is laid on roads.

    Parameters
    ----------
    cleaning, stays
        Which points to believe, and what counts as standing still.
    observation, movement
        The hidden Markov model.
    walking
        What around stays was walked; not looked at where the profile walks anyway.
    max_gap_s, max_gap_m
        A longer hole between believed points is a gap: a segment of its own, with no path.
    """

    cleaning: CleaningOptions = field(default_factory=CleaningOptions)
    stays: StayOptions = field(default_factory=StayOptions)
    observation: ObservationModel = field(default_factory=ObservationModel)
    movement: MovementModel = field(default_factory=MovementModel)
    walking: WalkingModel = field(default_factory=WalkingModel)
    max_gap_s: float = 300.0
    max_gap_m: float = 10_000.0

    def __post_init__(self) -> None:
        """Refuse gaps without length."""
        for name in ("max_gap_s", "max_gap_m"):
            value = getattr(self, name)
            if not value > 0.0:
                message = f"{name} must be positive (got {value})"
                raise ValueError(message)
