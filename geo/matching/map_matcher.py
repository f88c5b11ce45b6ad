"""Lays a track on roads: the main path of matching.

A track is cleaned, its stays are found, dense points are thinned to observations, each observation gets its candidates
on roads, the hidden Markov model picks the most likely sequence, and the result is cut into segments that cover the
whole track.
"""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.matching.candidate_kernels import SearchReach, road_cells
from geo.matching.confidence import WEIGHTS
from geo.matching.emission_kernels import EmissionModel
from geo.matching.laying_kernels import Beliefs, Laid, RoadTables, Solution, find_path, lay_track
from geo.matching.match import Match, PointState
from geo.matching.observation_kernels import Points, StayPlaces, Thinning
from geo.matching.options import MatchingOptions, MovementModel
from geo.matching.placement_kernels import RoadShapes
from geo.matching.receiver import MOST_OBSERVATIONS, UNKNOWN_RECEIVER, ReceiverError
from geo.matching.road_graph import TurnNats, matching_edges, turn_nats
from geo.matching.road_search_kernels import Roads, SearchRoom, search_room
from geo.matching.segments import match_segments
from geo.matching.viterbi_kernels import WayNats
from geo.matching.walk_kernels import WalkLimits
from geo.roads.network import RoadNetwork
from geo.roads.profiles import FOOT
from geo.roads.segment_grid import build_segment_grid
from geo.roads.segment_grid_kernels import SegmentGrid
from geo.tracks.cleaning import CleanedTrack, clean_track
from geo.tracks.stays import Stay, stays_among
from geo.tracks.track import Track

_DIRECTED_SEARCH_M = 150.0
_NO_STAYS = StayPlaces(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))

_Number = TypeVar("_Number", bound=np.generic)


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
        grid = build_segment_grid(network) if grid is None else grid
        points = (network.shape_latitude_degrees, network.shape_longitude_degrees, grid.point_share)
        self._tables = RoadTables(
            road_cells(grid),
            Roads(edges, turn_nats(network, edges, _turn_nats(movement))),
            RoadShapes(edges, _read_only(network.shape_first), *map(_read_only, points)),
        )
        self._beliefs = _beliefs(
            self.options,
            self._thinning(math.nan),
            least_way_per_m=float(edges["way_per_m"].min()),
            walks=network.profile == FOOT.name,
        )
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
        if len(cleaned.kept) == 0:
            return _nothing_matched(cleaned)
        laid = lay_track(
            _points(cleaned.track, cleaned.kept),
            _stay_places(cleaned.kept, stays),
            cleaned.kept,
            len(cleaned.track),
            self._tables,
            self._beliefs_about(cleaned.noise_m, receiver),
            self._room(),
        )
        return Match(
            laid.state,
            cleaned.drop_reason,
            laid.edge,
            laid.fraction,
            laid.distance_m,
            match_segments(laid.segments, laid.parts),
            _seen_errors(cleaned, laid, receiver),
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
        beliefs = self._beliefs_about(cleaned.noise_m, receiver)
        points, places = _points(cleaned.track, cleaned.kept), _stay_places(cleaned.kept, stays)
        return Solution(*find_path(points, places, self._tables, beliefs, self._room()))

    def _room(self) -> SearchRoom:
        """Room for searches that belongs to the calling thread."""
        room: SearchRoom | None = getattr(self._rooms, "room", None)
        if room is None:
            room = search_room(self.network.edge_count)
            self._rooms.room = room
        return room

    def _beliefs_about(self, noise_m: float, receiver: ReceiverError) -> Beliefs:
        """Fit the model to the noise of a track, and put the errors of a known receiver in the place of a guess."""
        emission = self._beliefs.emission
        if receiver.observations and not math.isnan(receiver.drift_m):
            weight = min(receiver.observations + emission.guess_weight, MOST_OBSERVATIONS)
            emission = emission._replace(guess_m=receiver.drift_m, guess_weight=weight)
        most_reverse_m = math.inf if math.isnan(noise_m) else self.options.movement.reverse_noises * noise_m
        ways = self._beliefs.ways._replace(most_reverse_m=most_reverse_m)
        return self._beliefs._replace(thinning=self._thinning(noise_m), emission=emission, ways=ways)

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


def _beliefs(options: MatchingOptions, thinning: Thinning, *, least_way_per_m: float, walks: bool) -> Beliefs:
    # Long because each option is named once beside the field that it fills.
    seen, moved, walked = options.observation, options.movement, options.walking
    walking = WalkLimits(
        reach_m=0.0 if walks else walked.reach_m,
        unseen_reach_m=walked.unseen_reach_m,
        walk_mps=walked.walk_mps,
        device_mps=walked.device_mps,
        least_m=walked.least_m,
        apart_m=walked.apart_m,
        most_radius_m=walked.most_radius_m,
        max_gap_ms=thinning.max_gap_ms,
    )
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
        most_reverse_m=math.inf,
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
    return Beliefs(thinning, walking, reach, emission, ways, WEIGHTS)


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


def _seen_errors(cleaned: CleanedTrack, laid: Laid, receiver: ReceiverError) -> ReceiverError:
    """Errors of the receiver that matching used; where the device names its accuracy, nothing new of the slow part."""
    drift_m = receiver.drift_m if math.isnan(laid.drift_m) else laid.drift_m
    observations = receiver.observations + laid.observations
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
