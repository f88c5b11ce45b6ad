"""Stores road networks as folders of memory-mapped arrays, and opens them again in milliseconds."""

from __future__ import annotations

import dataclasses
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.array_folder import open_array_folder, write_array_folder
from geo.errors import NetworkFileError
from geo.roads.network import RoadNetwork, TurnCosts

KIND = "road network"
FORMAT_VERSION = 1
_TEXT_COLUMNS = ("names", "conditions")
_END_OF_TEXT = "\0"


def write_network(network: RoadNetwork, folder: str | PathLike[str]) -> None:
    """Store a network, replacing one that is there.

    Parameters
    ----------
    network
        The network.
    folder
        Where; see `geo.array_folder`.
    """
    columns = {column.name: getattr(network, column.name) for column in dataclasses.fields(network)}
    arrays = {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}
    arrays |= {name: _packed(columns[name]) for name in _TEXT_COLUMNS}
    attributes = {
        "profile": network.profile,
        "fingerprint": network.fingerprint,
        "turn_costs": dataclasses.asdict(network.turn_costs),
        "source": network.source,
    }
    write_array_folder(folder, arrays, attributes, kind=KIND, version=FORMAT_VERSION)


def open_network(folder: str | PathLike[str], *, verify_content: bool = False) -> RoadNetwork:
    """Open a stored network; its arrays stay on disk until they are used.

    Parameters
    ----------
    folder
        Where it is.
    verify_content
        Whether to read everything and compare its hash with the stored one.

    Returns
    -------
    RoadNetwork
        Equal to the one that was written.

    Raises
    ------
    NetworkFileError
        There is no such network, it is damaged, or of another format version.
    """
    stored = open_array_folder(folder, kind=KIND, version=FORMAT_VERSION, verify_content=verify_content)
    try:
        attributes = dict(stored.attributes)
        columns: dict[str, Any] = dict(stored.arrays)
        columns |= {name: _unpacked(stored.arrays[name]) for name in _TEXT_COLUMNS}
        return RoadNetwork(
            **columns,
            profile=attributes["profile"],
            fingerprint=attributes["fingerprint"],
            turn_costs=TurnCosts(**attributes["turn_costs"]),
            source=attributes["source"],
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"{KIND} is damaged: {error}"
        raise NetworkFileError(message) from error


def _packed(texts: tuple[str, ...]) -> NDArray[np.uint8]:
    return np.frombuffer("".join(text + _END_OF_TEXT for text in texts).encode(), np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(packed.tobytes().decode().split(_END_OF_TEXT)[:-1])
