"""Draw a route: its path as points on the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork
from geo.routing.route import Route
from geo.routing.route_geometry_kernels import RoadShapes, trace_path


def route_points(network: RoadNetwork, route: Route) -> NDArray[np.float64]:
    """Points of a route from its origin to its destination.

    Parameters
    ----------
    network
        The network that the route was found on.
    route
        The route.

    Returns
    -------
    NDArray[np.float64]
        ``(p, 2)`` latitude and longitude in degrees, ``p`` at least 2; no point is repeated from one edge to the next.
    """
    shapes = RoadShapes(
        network.edge_shape,
        network.edge_is_backward,
        network.shape_first,
        network.shape_latitude_degrees,
        network.shape_longitude_degrees,
    )
    return trace_path(shapes, route.edges, route.first_fraction, route.last_fraction)
