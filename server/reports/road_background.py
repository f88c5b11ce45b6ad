"""The background of a report's map: the road network itself, drawn in four weights, with the names of its streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadClass, RoadNetwork
from server.reports.local_plane import Frame, LocalPlane, path_text
from server.reports.street_names import StreetName, street_names

_MAIN = range(RoadClass.MOTORWAY, RoadClass.TERTIARY_LINK + 1)
_STREET = (RoadClass.UNCLASSIFIED, RoadClass.RESIDENTIAL, RoadClass.LIVING_STREET, RoadClass.ROAD, RoadClass.PEDESTRIAN)
_SERVICE = (RoadClass.SERVICE, RoadClass.TRACK, RoadClass.BUSWAY)
STYLES = ("path", "service", "street", "main")
"""Weights of a line, from the faintest to the strongest; also the order of drawing."""

# More shapes than this make a file that is slow to open: the faintest roads are left out first.
MOST_SHAPES = 20_000


@dataclass(frozen=True)
class RoadBackground:
    """What is drawn below everything else.

    Parameters
    ----------
    lines
        SVG path data by style.
    names
        Streets, the longest first.
    """

    lines: dict[str, str]
    names: tuple[StreetName, ...]


def road_background(network: RoadNetwork, plane: LocalPlane, frame: Frame) -> RoadBackground:
    """Draw the roads inside a frame.

    Parameters
    ----------
    network
        The roads.
    plane, frame
        Where to draw, and how much.

    Returns
    -------
    RoadBackground
        Roads that reach into the frame are drawn whole.
    """
    points = plane.points(network.shape_latitude_degrees, network.shape_longitude_degrees)
    starts = network.shape_first[:-1]
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    styles, names = _styles(network), _names(network)
    shapes = _strongest(np.flatnonzero(frame.touches(low, high)), styles)
    lines = {shape: points[network.shape_first[shape] : network.shape_first[shape + 1]] for shape in shapes.tolist()}
    texts: dict[str, list[str]] = {style: [] for style in STYLES}
    for shape, line in lines.items():
        texts[STYLES[styles[shape]]].append(path_text(line))
    return RoadBackground(
        lines={style: "".join(parts) for style, parts in texts.items()},
        names=street_names((network.names[names[shape]], line) for shape, line in lines.items()),
    )


def _styles(network: RoadNetwork) -> NDArray[np.int8]:
    """Style of each shape, by the road class of its edges."""
    style_of_class = np.zeros(max(RoadClass) + 1, np.int8)
    style_of_class[list(_SERVICE)] = STYLES.index("service")
    style_of_class[list(_STREET)] = STYLES.index("street")
    style_of_class[list(_MAIN)] = STYLES.index("main")
    styles = np.zeros(len(network.shape_first) - 1, np.int8)
    styles[network.edge_shape] = style_of_class[network.edge_road_class]
    return styles


def _names(network: RoadNetwork) -> NDArray[np.int32]:
    names = np.zeros(len(network.shape_first) - 1, np.int32)
    names[network.edge_shape] = network.edge_name
    return names


def _strongest(shapes: NDArray[np.intp], styles: NDArray[np.int8]) -> NDArray[np.intp]:
    """Leave out whole styles, the faintest first, until few enough shapes are left."""
    for least in range(len(STYLES)):
        kept: NDArray[np.intp] = shapes[styles[shapes] >= least]
        if len(kept) <= MOST_SHAPES:
            return kept
    return kept[:MOST_SHAPES]
