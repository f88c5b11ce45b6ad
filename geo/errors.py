"""Every error that `geo` raises on purpose.

The tree::

    GeoError
    ├── InvalidGeoInputError (ValueError)      the caller's data break a rule; lists every violation
    ├── RoadFileError (ValueError)             a road file is truncated, of another format, or holds no usable road
    ├── DownloadError (ConnectionError)        roads cannot be downloaded now
    ├── NetworkFileError (ValueError)          a stored road network is damaged or of another format version
    ├── NoRoadNearbyError (LookupError)        a position has no usable road within the search radius
    └── UnreachableError (LookupError)         the road network has no path between two positions

Each subclasses the builtin that a caller would catch anyway. Messages never hold coordinates:
they go to logs, and a place is personal data. They name the field and the index instead.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One broken rule of an input.

    Parameters
    ----------
    field
        Path of the offending field, for example ``points[3].latitude_degrees``.
    description
        What is wrong and what would be right, in one sentence.
    """

    field: str
    description: str


class GeoError(Exception):
    """Root of every error that this package raises on purpose."""


class InvalidGeoInputError(GeoError, ValueError):
    """The caller's data break one or more rules.

    Parameters
    ----------
    violations
        Every broken rule, not only the first.
    """

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{violation.field}: {violation.description}" for violation in violations))
        self.violations = violations


class RoadFileError(GeoError, ValueError):
    """A road file is truncated, of another format, or holds no usable road."""


class DownloadError(GeoError, ConnectionError):
    """Roads cannot be downloaded now: there is no internet, or who offers them does not answer."""


class NetworkFileError(GeoError, ValueError):
    """A stored road network is damaged or was written in another format version."""


class NoRoadNearbyError(GeoError, LookupError):
    """A position has no usable road within the search radius."""


class UnreachableError(GeoError, LookupError):
    """The road network has no path between two positions."""
