"""What an operator may set, and where from: the environment variables ``ODOGRAPH_*``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import get_type_hints

PREFIX = "ODOGRAPH_"
MEBIBYTE = 1024 * 1024

_POSITIVE = (
    "max_message_bytes",
    "max_visits",
    "max_workers",
    "max_matrix_entries",
    "max_time_limit_s",
    "solver_processes",
    "solver_grace_s",
    "compute_threads",
    "answer_margin_s",
)
_COUNTS = ("port", "metrics_port", "solver_queue", "shutdown_grace_s")


@dataclass(frozen=True)
class Settings:
    """Settings of one running service. Each is read from the variable ``ODOGRAPH_`` + its name in capitals.

    Parameters
    ----------
    host, port
        Address to listen on; port 0 takes a free one.
    data_folder
        Where road networks and, unless `database_url` says otherwise, the database lie. Made where it is missing.
    map_folder
        Folder of the map files that ImportRoadNetwork may read.
    database_url
        SQLAlchemy address of the database; empty: an SQLite file in the data folder.
    metrics_port
        Port for Prometheus metrics on the same host; 0: none are offered.
    max_message_bytes
        Longest message that is read; up to twice as much comes in, to be refused in words.
    max_visits, max_workers
        Greatest problem that is planned.
    max_matrix_entries
        Greatest travel matrix that is answered.
    max_time_limit_s
        Longest search; a longer wish is cut to it.
    solver_processes
        Searches that run at the same time, each in a process of its own.
    solver_queue
        Searches that may wait for a process; one more is refused.
    solver_grace_s
        How long a search may take to obey a stop before its process is ended.
    compute_threads
        Geometric computations that run at the same time.
    answer_margin_s
        How long before the caller's deadline a search is stopped.
    shutdown_grace_s
        How long running calls may go on after the service was asked to stop.
    """

    host: str = "127.0.0.1"
    port: int = 50051
    data_folder: Path = field(default_factory=lambda: Path("odograph-data"))
    map_folder: Path = field(default_factory=lambda: Path("maps"))
    database_url: str = ""
    metrics_port: int = 0
    max_message_bytes: int = 4 * MEBIBYTE
    max_visits: int = 2000
    max_workers: int = 500
    max_matrix_entries: int = 250_000
    max_time_limit_s: float = 600.0
    solver_processes: int = field(default_factory=lambda: min(os.cpu_count() or 1, 8))
    solver_queue: int = 16
    solver_grace_s: float = 5.0
    compute_threads: int = field(default_factory=lambda: min(os.cpu_count() or 1, 8))
    answer_margin_s: float = 1.0
    shutdown_grace_s: float = 5.0

    def __post_init__(self) -> None:
        """Check the ranges, all at once."""
        broken = [f"{name} must be positive (got {value})" for name, value in self._values(_POSITIVE) if value <= 0]
        broken += [f"{name} must not be negative (got {value})" for name, value in self._values(_COUNTS) if value < 0]
        if broken:
            raise ValueError("; ".join(broken))

    def _values(self, names: tuple[str, ...]) -> list[tuple[str, float]]:
        return [(name, getattr(self, name)) for name in names]

    @property
    def effective_database_url(self) -> str:
        """SQLAlchemy address of the database, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_folder / 'odograph.sqlite'}"

    @property
    def network_folder(self) -> Path:
        """Folder that holds one folder per road network."""
        return self.data_folder / "road-networks"


def settings_from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Parameters
    ----------
    environment
        Variables to read; the process's own where it is None.

    Returns
    -------
    Settings
        The defaults, with every variable that is set taking their place.

    Raises
    ------
    ValueError
        With every variable that cannot be read.
    """
    variables = os.environ if environment is None else environment
    types = get_type_hints(Settings)
    values: dict[str, object] = {}
    broken: list[str] = []
    for setting in fields(Settings):
        text = variables.get(PREFIX + setting.name.upper())
        if text is None:
            continue
        try:
            values[setting.name] = types[setting.name](text)
        except ValueError:
            broken.append(f"{PREFIX}{setting.name.upper()} must be a {types[setting.name].__name__} (got {text!r})")
    if broken:
        raise ValueError("; ".join(broken))
    return Settings(**values)  # type: ignore[arg-type]  # each value was made by the type of its field
