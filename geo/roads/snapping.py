"""Decides which place on the road network stands for a place on the earth, and says why where none does.

A place is snapped to the nearest road that belongs to the *home* component (a part of the network whose places all
reach each other; by default the largest), even where a road of another part (a walled compound, a piece cut off at the
border of the extract) lies nearer: a plan needs places that can be reached. Only where the home component has no road
within the radius is the nearest of the others taken, and `Snapper.explain` says so. Which component has roads for the
most of some places says `Snapper.common_component`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.geodesy import METRES_PER_DEGREE
from geo.roads.network import RoadNetwork, read_only
from geo.roads.segment_grid import build_segment_grid
from geo.roads.segment_grid_kernels import SegmentGrid
from geo.roads.snapping_kernels import SnappedPlaces, nearby_edges_room, snap_places
from geo.routing.positions import RoadPositions

DEFAULT_RADIUS_M = 1000.0
MAIN_COMPONENT = 0
"""The largest one."""
MOST_COMPONENTS = 16
"""Of those around one place, `Snapper.common_component` looks at so many."""
NEAR_M = 2000.0
"""So far the grid is searched in growing circles."""
FARTHEST_SEARCH_M = 100_000.0
"""How far `Snapper.explain` looks for the nearest routable place."""


class SnapState(IntEnum):
    """How well a place could be snapped."""

    ON_ROAD = 0
    """The nearest road is routable."""
    ISLAND_AVOIDED = 1
    """A nearer road belongs to another component; the place was snapped to a road of the home component."""
    ON_ISLAND = 2
    """Within the radius there are only roads of other components: most other places cannot be reached from there."""
    NO_ROAD = 3
    """There is no usable road within the radius."""


@dataclass(frozen=True, eq=False)
class SnapFindings:
    """Why ``n`` places could be snapped, or not.

    Parameters
    ----------
    state
        ``(n,)`` uint8 (`SnapState`).
    positions
        What `Snapper.snap` answers for the same places.
    nearest
        The nearest usable road of any component within the radius.
    nearest_routable
        The nearest place of the home component, searched far beyond the radius.
    home_component
        The component that the places are wanted on.
    """

    state: NDArray[np.uint8]
    positions: RoadPositions
    nearest: RoadPositions
    nearest_routable: RoadPositions
    home_component: int = MAIN_COMPONENT

    def sentence(self, place: int) -> str:
        """Say in one sentence, without coordinates, how well a place could be snapped.

        Parameters
        ----------
        place
            Its index.

        Returns
        -------
        str
            For example ``no usable road within the radius; the nearest routable place is 1840 m away``.
        """
        to_routable_m = self.nearest_routable.distance_m[place]
        routable = (
            f"the nearest routable place is {to_routable_m:.0f} m away"
            if np.isfinite(to_routable_m)
            else f"no routable place within {FARTHEST_SEARCH_M / 1000:.0f} km"
        )
        whole = "the network" if self.home_component == MAIN_COMPONENT else "the roads that serve most of the places"
        match SnapState(self.state[place]):
            case SnapState.ON_ROAD:
                return f"on a routable road {self.positions.distance_m[place]:.0f} m away"
            case SnapState.ISLAND_AVOIDED:
                island_m = self.nearest.distance_m[place]
                return f"the nearest road ({island_m:.0f} m) is cut off from {whole}; {routable}"
            case SnapState.ON_ISLAND:
                return f"only roads that are cut off from {whole} lie within the radius; {routable}"
            case SnapState.NO_ROAD:
                return f"no usable road within the radius; {routable}"


class Snapper:
    """Snaps places to one road network. Immutable after construction: threads may share it.

    Parameters
    ----------
    network
        The network.
    grid
        Its segments by place; built where not given.
    """

    def __init__(self, network: RoadNetwork, grid: SegmentGrid | None = None) -> None:
        self.network = network
        self.grid = build_segment_grid(network) if grid is None else grid
        self._is_usable = read_only(network.edge_component >= 0)
        self._is_main = read_only(network.edge_component == 0)

    def snap(
        self,
        latitude_degrees: ArrayLike,
        longitude_degrees: ArrayLike,
        *,
        radius_m: float = DEFAULT_RADIUS_M,
        home_component: int | None = MAIN_COMPONENT,
    ) -> RoadPositions:
        """Snap places to the nearest usable road.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` places, WGS-84.
        radius_m
            How far a road may be away.
        home_component
            Whose roads are taken even where a road of another component is nearer; None: the nearest of all.

        Returns
        -------
        RoadPositions
            ``n`` places on edges; edge ``-1`` where no usable road lies within the radius.

        Raises
        ------
        InvalidGeoInputError
            The arrays differ in length, a place is not on the earth, or the radius is not positive.
        """
        latitude, longitude = _checked_places(latitude_degrees, longitude_degrees, radius_m)
        if home_component is None:
            return self._snap_to(self._is_usable, latitude, longitude, radius_m)
        positions = self._snap_to(self._edges_of(home_component), latitude, longitude, radius_m)
        is_missing = positions.edge < 0
        if not is_missing.any():
            return positions
        return _merged(
            positions, self._snap_to(self._is_usable, latitude[is_missing], longitude[is_missing], radius_m), is_missing
        )

    def common_component(
        self, latitude_degrees: ArrayLike, longitude_degrees: ArrayLike, *, radius_m: float = DEFAULT_RADIUS_M
    ) -> int:
        """Find the component that has a road for the most of some places.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` places, WGS-84.
        radius_m
            How far a road may be away.

        Returns
        -------
        int
            `MAIN_COMPONENT` where no other one has a road for more of them, and for two at the least, since ways lead
            between two; else the largest of those that do best.

        Raises
        ------
        InvalidGeoInputError
            As for `snap`.
        """
        latitude, longitude = _checked_places(latitude_degrees, longitude_degrees, radius_m)
        is_left = self._snap_to(self._edges_of(MAIN_COMPONENT), latitude, longitude, radius_m).edge < 0
        best, most = MAIN_COMPONENT, max(int(np.count_nonzero(~is_left)), 1)
        for component in self._components_near(latitude[is_left], longitude[is_left], radius_m):
            found = self._snap_to(self._edges_of(component), latitude, longitude, radius_m).edge >= 0
            if np.count_nonzero(found) > most:
                best, most = component, int(np.count_nonzero(found))
        return best

    def explain(
        self,
        latitude_degrees: ArrayLike,
        longitude_degrees: ArrayLike,
        *,
        radius_m: float = DEFAULT_RADIUS_M,
        home_component: int = MAIN_COMPONENT,
    ) -> SnapFindings:
        """Say how well places can be snapped, and where the nearest routable place is.

        Parameters
        ----------
        latitude_degrees, longitude_degrees
            ``(n,)`` places, WGS-84.
        radius_m
            How far a road may be away.
        home_component
            As for `snap`.

        Returns
        -------
        SnapFindings
            One finding per place.

        Raises
        ------
        InvalidGeoInputError
            As for `snap`.
        """
        latitude, longitude = _checked_places(latitude_degrees, longitude_degrees, radius_m)
        positions = self.snap(latitude, longitude, radius_m=radius_m, home_component=home_component)
        nearest = self._snap_to(self._is_usable, latitude, longitude, radius_m)
        state = np.full(len(latitude), SnapState.ON_ROAD, np.uint8)
        state[positions.distance_m > nearest.distance_m] = SnapState.ISLAND_AVOIDED
        state[positions.component != home_component] = SnapState.ON_ISLAND
        state[positions.edge < 0] = SnapState.NO_ROAD
        routable = self._snap_to(self._edges_of(home_component), latitude, longitude, FARTHEST_SEARCH_M)
        return SnapFindings(state, positions, nearest, routable, home_component)

    def _edges_of(self, component: int) -> NDArray[np.bool_]:
        """Say which edges belong to a component."""
        return self._is_main if component == MAIN_COMPONENT else read_only(self.network.edge_component == component)

    def _components_near(
        self, latitude: NDArray[np.float64], longitude: NDArray[np.float64], radius_m: float
    ) -> list[int]:
        """Components with a road near the most of the places, the largest first."""
        places_near: Counter[int] = Counter()
        is_wanted = self._is_usable
        for _ in range(MOST_COMPONENTS):
            # One component per place and round: its roads are left out of the next.
            nearest = self._snap_to(is_wanted, latitude, longitude, radius_m).component
            found = nearest[nearest >= 0]
            if not len(found):
                break
            places_near.update(found.tolist())
            is_wanted = read_only(is_wanted & ~np.isin(self.network.edge_component, found))
        return sorted(component for component, _ in places_near.most_common(MOST_COMPONENTS))

    def _snap_to(
        self,
        edge_is_wanted: NDArray[np.bool_],
        latitude: NDArray[np.float64],
        longitude: NDArray[np.float64],
        radius_m: float,
    ) -> RoadPositions:
        positions = self._snap_within(edge_is_wanted, latitude, longitude, min(radius_m, NEAR_M))
        is_missing = positions.edge < 0
        if radius_m <= NEAR_M or not is_missing.any() or not edge_is_wanted.any():
            return positions
        far = self._snap_far(edge_is_wanted, latitude[is_missing], longitude[is_missing], radius_m)
        return _merged(positions, far, is_missing)

    def _snap_far(
        self,
        edge_is_wanted: NDArray[np.bool_],
        latitude: NDArray[np.float64],
        longitude: NDArray[np.float64],
        radius_m: float,
    ) -> RoadPositions:
        """Snap places far from every road, of which there may be thousands where a request means another city.

        A circle that grows until it meets a road would grow over half of the map. The nearest junction says how far to
        look at the most.
        """
        nodes = np.unique(self.network.edge_tail[edge_is_wanted])
        node_latitude, node_longitude = (
            self.network.node_latitude_degrees[nodes],
            self.network.node_longitude_degrees[nodes],
        )
        places = []
        for place in range(len(latitude)):
            north = node_latitude - latitude[place]
            east = (node_longitude - longitude[place]) * np.cos(np.radians(latitude[place]))
            junction_m = METRES_PER_DEGREE * float(np.sqrt(np.min(north * north + east * east)))
            farthest_m = min(junction_m + 1.0, radius_m)
            one = slice(place, place + 1)
            places.append(self._snap_within(edge_is_wanted, latitude[one], longitude[one], farthest_m))
        return RoadPositions(
            edge=np.concatenate([each.edge for each in places]),
            fraction=np.concatenate([each.fraction for each in places]),
            distance_m=np.concatenate([each.distance_m for each in places]),
            side=np.concatenate([each.side for each in places]),
            component=np.concatenate([each.component for each in places]),
        )

    def _snap_within(
        self,
        edge_is_wanted: NDArray[np.bool_],
        latitude: NDArray[np.float64],
        longitude: NDArray[np.float64],
        radius_m: float,
    ) -> RoadPositions:
        count = len(latitude)
        snapped = SnappedPlaces(np.empty(count, np.int32), np.empty(count), np.empty(count), np.empty(count, np.int8))
        snap_places(self.grid, edge_is_wanted, latitude, longitude, radius_m, nearby_edges_room(1), snapped)
        is_found = snapped.edge >= 0
        component = np.where(is_found, self.network.edge_component[snapped.edge], np.int32(-1))
        return RoadPositions(*snapped, component=component.astype(np.int32))


def _checked_places(
    latitude_degrees: ArrayLike, longitude_degrees: ArrayLike, radius_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    latitude = np.atleast_1d(np.ascontiguousarray(latitude_degrees, np.float64))
    longitude = np.atleast_1d(np.ascontiguousarray(longitude_degrees, np.float64))
    violations = []
    if latitude.shape != longitude.shape or latitude.ndim != 1:
        message = f"must be two arrays of one length (got shapes {latitude.shape} and {longitude.shape})"
        raise InvalidGeoInputError(
            (Violation("latitude_degrees, longitude_degrees", ViolationCode.MALFORMED, message),)
        )
    for name, degrees, limit in (("latitude_degrees", latitude, 90.0), ("longitude_degrees", longitude, 180.0)):
        violations += [
            Violation(
                f"{name}[{place}]", ViolationCode.OUT_OF_RANGE, f"must be a number from -{limit:.0f} to {limit:.0f}"
            )
            for place in np.flatnonzero(~(np.abs(degrees) <= limit))
        ]
    if not (np.isfinite(radius_m) and radius_m > 0.0):
        violations.append(
            Violation("radius_m", ViolationCode.OUT_OF_RANGE, f"must be a positive number (got {radius_m})")
        )
    if violations:
        raise InvalidGeoInputError(tuple(violations))
    return latitude, longitude


def _merged(positions: RoadPositions, others: RoadPositions, is_other: NDArray[np.bool_]) -> RoadPositions:
    """Positions with the marked entries taken from `others`, which holds only those."""
    columns = []
    for name in ("edge", "fraction", "distance_m", "side", "component"):
        column = getattr(positions, name).copy()
        column[is_other] = getattr(others, name)
        columns.append(column)
    return RoadPositions(*columns)
