"""Lays a track on roads: the main path of matching.

A track is cleaned, its stays are found, dense points are thinned to observations, each observation gets its candidates
on roads, the hidden Markov model picks the most likely sequence, and the result is cut into segments that cover the
whole track.
"""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.matching.candidate_kernels import SearchReach, find_candidates, road_cells
from geo.matching.confidence import link_confidence
from geo.matching.emission_kernels import EmissionModel, judge_candidates
from geo.matching.match import Match, PointState
from geo.matching.observation_kernels import Points, StayPlaces, Thinning, observe
from geo.matching.options import MatchingOptions, MovementModel
from geo.matching.path_kernels import Path, trace_path
from geo.matching.placement_kernels import RoadShapes, place_points
from geo.matching.receiver import MOST_OBSERVATIONS, UNKNOWN_RECEIVER, ReceiverError
from geo.matching.records import Records
from geo.matching.road_graph import TurnNats, matching_edges, turn_nats
from geo.matching.road_search_kernels import Roads, SearchRoom, search_room
from geo.matching.segments import Segmentation
from geo.matching.viterbi_kernels import WayNats, fill_trellis
from geo.roads.network import RoadNetwork
from geo.roads.segment_grid import build_segment_grid
from geo.roads.segment_grid_kernels import SegmentGrid
from geo.tracks.cleaning import CleanedTrack, clean_track
from geo.tracks.stays import Stay, stays_among
from geo.tracks.track import Track

_DIRECTED_SEARCH_M = 150.0
_NO_STAYS = StayPlaces(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))

_Number = TypeVar("_Number", bound=np.generic)


class Solution(NamedTuple):
    """A filled trellis and the best path through it: ``(t,)`` `LAYER`, ``(c,)`` `CANDIDATE`, ``(w,)`` `STEP`."""

    layers: Records
    candidates: Records
    steps: Records
    path: Path


class MapMatcher:
    """Lays tracks on one road network. May be used from many threads at once.

    Parameters
    ----------
    network
        The roads.
    options
        How tracks are laid on them.
    grid
        Segments of the network by place, as `geo.roads.snapping` has them too; built where not given.
    """

    def __init__(
        self, network: RoadNetwork, options: MatchingOptions | None = None, *, grid: SegmentGrid | None = None
    ) -> None:
        self.network = network
        self.options = options or MatchingOptions()
        movement = self.options.movement
        edges = matching_edges(
            network, time_share=movement.time_share, forbidden_length_share=movement.forbidden_length_share
        )
        self._roads = Roads(edges, turn_nats(network, edges, _turn_nats(movement)))
        grid = build_segment_grid(network) if grid is None else grid
        points = (network.shape_latitude_degrees, network.shape_longitude_degrees, grid.point_share)
        self._shapes = RoadShapes(edges, _read_only(network.shape_first), *map(_read_only, points))
        self._cells = road_cells(grid)
        self._reach, self._emission, self._movement = _kernel_options(self.options, float(edges["way_per_m"].min()))
        self._rooms = threading.local()

    def match(self, track: Track, receiver: ReceiverError = UNKNOWN_RECEIVER) -> Match:
        """Lay a track on the roads.

        Parameters
        ----------
        track
            Any recording, however damaged.
        receiver
            What is known already of the receiver that recorded it.

        Returns
        -------
        Match
            One state per raw point, and segments that cover the time from the first to the last believed point. Never
            fails for what is in the track: what cannot be matched is a gap, off the road, or dropped with its reason.
        """
        cleaned = clean_track(track, self.options.cleaning)
        cleaned = replace(cleaned, noise_m=receiver.white_with(cleaned.noise_m, len(cleaned.kept)))
        stays = stays_among(track, cleaned.kept, self.options.stays, cleaned.noise_m)
        return self.match_cleaned(cleaned, stays, receiver)

    def match_cleaned(
        self, cleaned: CleanedTrack, stays: tuple[Stay, ...], receiver: ReceiverError = UNKNOWN_RECEIVER
    ) -> Match:
        """Lay a track on the roads whose cleaning and stays are known already.

        Parameters
        ----------
        cleaned
            The track with what is believed of it.
        stays
            Its stays, in order of time.
        receiver
            What is known already of the slow part of its receiver's errors; the white part stands in `cleaned`.

        Returns
        -------
        Match
            As by `match`.
        """
        kept = cleaned.kept
        if len(kept) == 0:
            return _nothing_matched(cleaned)
        points = _points(cleaned.track, kept)
        layers, candidates, steps, path = self.solve(cleaned, stays, receiver)
        placement = place_points(self._shapes, points, layers, path)
        confidence = link_confidence(layers, candidates, steps, path)
        segmentation = Segmentation(
            (self.network, self._shapes.edges), cleaned.track, kept, layers, path, link_confidence=confidence
        )
        match = _nothing_matched(cleaned)
        match.point_state[kept] = placement.state
        match.point_edge[kept] = placement.edge
        match.point_fraction[kept] = placement.fraction
        match.point_distance_m[kept] = placement.distance_m
        return Match(
            match.point_state,
            match.point_drop_reason,
            match.point_edge,
            match.point_fraction,
            match.point_distance_m,
            segmentation.segments(),
            _seen_errors(cleaned, layers, receiver),
        )

    def solve(
        self, cleaned: CleanedTrack, stays: tuple[Stay, ...], receiver: ReceiverError = UNKNOWN_RECEIVER
    ) -> Solution:
        """Find the most likely path of a track that has at least one believed point.

        Parameters
        ----------
        cleaned, stays, receiver
            As in `match_cleaned`.

        Returns
        -------
        Solution
            The path with the trellis that it was found in.
        """
        points = _points(cleaned.track, cleaned.kept)
        layers = observe(points, _stay_places(cleaned.kept, stays), self._thinning(cleaned.noise_m))
        candidates = find_candidates(self._cells, self._shapes.edges, layers, self._reach)
        candidates = judge_candidates(self._shapes.edges, layers, candidates, self._emission_of(receiver))
        steps = fill_trellis(self._roads, layers, candidates, self._movement, self._room())
        return Solution(layers, candidates, steps, trace_path(self._shapes.edges, layers, candidates, steps))

    def _room(self) -> SearchRoom:
        """Room for searches that belongs to the calling thread."""
        room: SearchRoom | None = getattr(self._rooms, "room", None)
        if room is None:
            room = search_room(self.network.edge_count)
            self._rooms.room = room
        return room

    def _emission_of(self, receiver: ReceiverError) -> EmissionModel:
        """Put the errors of a known receiver in the place of a guess."""
        if math.isnan(receiver.drift_m) or not receiver.observations:
            return self._emission
        weight = min(receiver.observations + self._emission.guess_weight, MOST_OBSERVATIONS)
        return self._emission._replace(guess_m=receiver.drift_m, guess_weight=weight)

    def _thinning(self, noise_m: float) -> Thinning:
        model = self.options.observation
        noise_m = 0.0 if math.isnan(noise_m) else noise_m
        return Thinning(
            spacing_m=min(max(model.spacing_m, model.spacing_noises * noise_m), model.max_spacing_m),
            turn_m=max(model.turn_m, model.turn_noises * noise_m),
            window_m=model.window_noises * noise_m,
            white_noise_m=noise_m,
            max_gap_ms=self.options.max_gap_s * 1000.0,
            max_gap_m=self.options.max_gap_m,
            speed_margin=self.options.movement.speed_margin,
            min_speed_mps=self.options.movement.min_speed_mps,
        )


def _kernel_options(options: MatchingOptions, least_way_per_m: float) -> tuple[SearchReach, EmissionModel, WayNats]:
    # Long because each option is named once beside the field that it fills.
    seen, moved = options.observation, options.movement
    reach = SearchReach(
        radius_m=seen.search_radius_m,
        radius_sigmas=seen.search_radius_sigmas,
        max_radius_m=seen.max_search_radius_m,
        drift_m=seen.guess_m,
        max_candidates=seen.max_candidates,
    )
    emission = EmissionModel(
        guess_m=seen.guess_m,
        guess_weight=seen.guess_weight,
        per_nearest=seen.error_per_nearest,
        floor_m=seen.floor_m,
        ceiling_m=seen.ceiling_m,
        correlation_m=seen.correlation_m,
        heading_nats=seen.heading_nats,
        forbidden_nats=seen.forbidden_nats,
        prune_nats=seen.prune_nats,
    )
    ways = WayNats(
        detour_m=moved.detour_m,
        turn_back=moved.turn_back_nats,
        turn_back_at_stay=moved.turn_back_at_stay_nats,
        reverse_m=moved.reverse_m,
        reverse_sigmas=moved.reverse_sigmas,
        off_road_enter=moved.off_road_enter_nats,
        off_road_leave=moved.off_road_leave_nats,
        off_road_length=moved.off_road_length_factor,
        off_road_m=moved.off_road_m,
        broken=moved.broken_nats,
        hurry=moved.hurry_factor,
        stray=moved.stray_factor,
        detour=moved.detour_nats,
        window=moved.window_nats,
        dense_window=moved.dense_window_nats,
        directed_m=_DIRECTED_SEARCH_M,
        least_way_per_m=least_way_per_m,
    )
    return reach, emission, ways


def _turn_nats(moved: MovementModel) -> TurnNats:
    return TurnNats(
        sharpest_turn=moved.sharpest_turn_nats,
        u_turn=moved.u_turn_nats,
        u_turn_at_dead_end=moved.dead_end_u_turn_nats,
        forbidden_turn=moved.forbidden_turn_nats,
        forbidden_edge=moved.forbidden_edge_nats,
    )


def _points(track: Track, kept: NDArray[np.int64]) -> Points:
    return Points(
        track.time_ms[kept],
        track.latitude_degrees[kept],
        track.longitude_degrees[kept],
        track.accuracy_m[kept],
        track.speed_mps[kept],
        track.bearing_degrees[kept],
    )


def _seen_errors(cleaned: CleanedTrack, layers: Records, receiver: ReceiverError) -> ReceiverError:
    """Errors of the receiver that matching used; where the device names its accuracy, nothing new of the slow part."""
    drift_m, observations = receiver.drift_m, receiver.observations
    guessed = layers[np.isnan(layers["device_m"])]
    if len(guessed):
        drift_m = math.sqrt(max(0.0, float(guessed[0]["sigma_m"] ** 2 - guessed[0]["white_m"] ** 2)))
        observations += len(layers)
    points = receiver.points + (0 if math.isnan(cleaned.noise_m) else len(cleaned.kept))
    return ReceiverError(cleaned.noise_m, points, drift_m, observations)


def _stay_places(kept: NDArray[np.int64], stays: tuple[Stay, ...]) -> StayPlaces:
    if not stays:
        return _NO_STAYS
    rows = np.array(
        [
            (stay.first_point, stay.last_point, stay.latitude_degrees, stay.longitude_degrees, stay.radius_m)
            for stay in stays
        ],
        np.float64,
    ).reshape(-1, 5)
    first, last = np.searchsorted(kept, rows[:, :2].T.astype(np.int64))
    return StayPlaces(first, last, rows[:, 2].copy(), rows[:, 3].copy(), rows[:, 4].copy())


def _nothing_matched(cleaned: CleanedTrack) -> Match:
    count = len(cleaned.track)
    return Match(
        point_state=np.full(count, PointState.DROPPED, np.uint8),
        point_drop_reason=cleaned.drop_reason,
        point_edge=np.full(count, -1, np.int32),
        point_fraction=np.full(count, np.nan),
        point_distance_m=np.full(count, np.nan),
        segments=(),
    )


def _read_only(values: NDArray[_Number]) -> NDArray[_Number]:
    """View an array so that it looks the same to the compiler, whether it lies on disk or not."""
    view = np.asarray(values).view()
    view.flags.writeable = False
    return view
