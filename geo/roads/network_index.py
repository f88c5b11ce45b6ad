"""Stores what is computed from a network in the network's folder: an index carries its network's fingerprint.

An index is refused where it belongs to another network, is missing, damaged or of another format version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from geo.array_folder import AnyArray, ArrayFolder, open_array_folder, write_array_folder
from geo.errors import NetworkFileError
from geo.roads.network import RoadNetwork

_FINGERPRINT = "fingerprint"


@dataclass(frozen=True)
class IndexKind:
    """A kind of index.

    Parameters
    ----------
    name
        What it is, for people.
    folder
        Its name inside the folder of its network.
    version
        Version of its format.
    """

    name: str
    folder: str
    version: int

    def write(
        self,
        network: RoadNetwork,
        network_folder: str | PathLike[str],
        arrays: Mapping[str, AnyArray],
        attributes: Mapping[str, Any],
    ) -> None:
        """Store an index beside its network.

        Parameters
        ----------
        network
            What it was computed from.
        network_folder
            Folder of the network (`geo.roads.network_file`).
        arrays, attributes
            The index, as in `geo.array_folder.write_array_folder`.
        """
        marked = {_FINGERPRINT: network.fingerprint, **attributes}
        write_array_folder(Path(network_folder) / self.folder, arrays, marked, kind=self.name, version=self.version)

    @contextmanager
    def opened(self, network: RoadNetwork, network_folder: str | PathLike[str]) -> Iterator[ArrayFolder]:
        """Open a stored index; its arrays stay on disk until they are used.

        Parameters
        ----------
        network
            The network, opened from the same folder.
        network_folder
            Its folder.

        Yields
        ------
        ArrayFolder
            What was written. In the block it is taken apart: what is missing or too much there is a damage.

        Raises
        ------
        NetworkFileError
            There is no such index, it is damaged, of another format version, or made from another network.
        """
        stored = open_array_folder(Path(network_folder) / self.folder, kind=self.name, version=self.version)
        if stored.attributes.get(_FINGERPRINT) != network.fingerprint:
            message = f"the {self.name} was made from another road network; build it anew"
            raise NetworkFileError(message)
        try:
            yield stored
        except (KeyError, TypeError) as error:
            message = f"{self.name} is damaged: {error}"
            raise NetworkFileError(message) from error
