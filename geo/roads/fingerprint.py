"""Decides what makes two road networks the same: the hash over content, profile and parameters.

Hashed is what the import decided from the map (places as OSM's whole 1e-7 degrees, topology, tags' meaning, speeds),
not the lengths and durations that follow from it by formula: sines differ in the last bit between processors, and
the same input must give the same fingerprint on each of them.
"""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
from numpy.typing import NDArray

from geo.roads.network import RoadNetwork

FINGERPRINT_VERSION = 3
"""Raised whenever the rules of the import change, so that a network made by other rules has another fingerprint."""

_HASHED_ARRAYS = (
    "node_osm_id",
    "node_flags",
    "edge_tail",
    "edge_head",
    "edge_reverse",
    "edge_road_class",
    "edge_flags",
    "edge_way_id",
    "edge_name",
    "edge_shape",
    "edge_is_backward",
    "shape_first",
    "shape_osm_node_id",
    "forbidden_path_first",
    "forbidden_path_edges",
    "forbidden_path_condition",
    "conditional_edge",
    "conditional_edge_condition",
    "conditional_edge_flags",
)


def network_fingerprint(network: RoadNetwork, speed_kmh: NDArray[np.float64]) -> str:
    """Hash a network.

    Parameters
    ----------
    network
        The network; its own fingerprint and source do not matter.
    speed_kmh
        ``(m + q,)`` speed of each edge, then of each conditional edge, from which the durations were computed.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    digest = hashlib.sha256(f"odograph roads {FINGERPRINT_VERSION} {network.profile}\n".encode())
    for name, value in sorted(dataclasses.asdict(network.turn_costs).items()):
        digest.update(f"{name}={value!r}\n".encode())
    for texts in (network.names, network.conditions):
        digest.update(f"{len(texts)}\n".encode())
        for text in map(str.encode, texts):
            digest.update(b"%d:%s" % (len(text), text))
    for name in _HASHED_ARRAYS:
        _add_array(digest, name, getattr(network, name))
    _add_array(digest, "latitude_e7", _to_e7(network.shape_latitude_degrees))
    _add_array(digest, "longitude_e7", _to_e7(network.shape_longitude_degrees))
    _add_array(digest, "speed_m_per_h", np.rint(speed_kmh * 1000.0).astype(np.int64))
    return digest.hexdigest()


def _add_array(digest: hashlib._Hash, name: str, array: NDArray[np.generic]) -> None:
    little_endian = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    digest.update(f"{name} {little_endian.dtype.str} {little_endian.shape}\n".encode())
    digest.update(little_endian.tobytes())


def _to_e7(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(degrees * 1e7).astype(np.int64)
