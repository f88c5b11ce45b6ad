"""OSRM, an independent road engine in C++, with its own car profile as it is shipped (package ``osrm-bindings``).

Its wheels need a newer Python than this project supports at the least: `ODOGRAPH_PEERS_PYTHON` names one that has them
installed. Maps are prepared by the tools in the package, ways and tables are asked for by `benchmarks.osrm_child`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VARIABLE = "ODOGRAPH_PEERS_PYTHON"
CHILD = Path(__file__).with_name("osrm_child.py")


@dataclass(frozen=True, eq=False)
class OsrmWay:
    """A way of OSRM: seconds, metres, its OSM nodes ``(n,)``, and the seconds ``(n - 1,)`` between them.

    The places lie between the first two and the last two nodes; the seconds there are those of the part driven.
    """

    duration_s: float
    length_m: float
    nodes: tuple[int, ...]
    step_s: NDArray[np.float64]


class Osrm:
    """OSRM with the map of one file.

    Parameters
    ----------
    file
        OSM file.
    folder
        Where its map goes.
    python
        A Python that has its bindings.
    """

    def __init__(self, file: Path, folder: Path, python: str) -> None:
        self._python, self._folder = python, folder
        self._map = folder / "osrm" / "map.osrm"
        self._map.parent.mkdir(exist_ok=True)
        source = self._map.with_name("map.osm.pbf")
        source.symlink_to(file.resolve())
        profiles = "import osrm, pathlib; print(pathlib.Path(osrm.__file__).parent / 'share' / 'profiles' / 'car.lua')"
        profile = self._run("-c", profiles).stdout.strip()
        start = cpu_of_children_s()
        self._run("-m", "osrm", "extract", "--threads", "1", "--profile", profile, str(source))
        self._run("-m", "osrm", "contract", "--threads", "1", str(self._map))
        self.import_cpu_s = cpu_of_children_s() - start

    @staticmethod
    def python_with_bindings() -> str | None:
        """Return the Python that has OSRM; None where none is named."""
        return os.environ.get(VARIABLE) or None

    def ways(self, places: NDArray[np.float64]) -> list[OsrmWay | None]:
        """Find a way for each pair of places.

        Parameters
        ----------
        places
            ``(2, n, 2)`` latitude and longitude in degrees of origins and destinations.

        Returns
        -------
        list[OsrmWay | None]
            ``n`` ways; None where there is none.
        """
        lines = self._ask("ways", places)
        return [
            OsrmWay(each["duration_s"], each["length_m"], tuple(each["nodes"]), np.array(each["step_s"]))
            if each
            else None
            for each in map(json.loads, lines)
        ]

    def times(self, places: NDArray[np.float64], size: int, pairs: int) -> dict[str, float]:
        """Measure a table and single ways; see `benchmarks.osrm_child`."""
        (line,) = self._ask("times", places, str(size), str(pairs))
        return dict(json.loads(line))

    def _ask(self, job: str, places: NDArray[np.float64], *numbers: str) -> list[str]:
        places_file, answers_file = self._folder / "places.npy", self._folder / "answers.jsonl"
        np.save(places_file, places[..., ::-1])
        self._run(str(CHILD), job, str(self._map), str(places_file), str(answers_file), *numbers)
        return answers_file.read_text("utf-8").splitlines()

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self._python, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - what the user names


def cpu_of_children_s() -> float:
    """CPU seconds of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
