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
from enum import Enum


class ViolationCode(Enum):
    """What kind of rule is broken: stable names for machines."""

    REQUIRED = "something is missing"
    OUT_OF_RANGE = "a number or time is smaller or larger than allowed"
    MALFORMED = "of another shape or type than it must have"
    UNKNOWN_VALUE = "none of the values that there are"
    UNKNOWN_REFERENCE = "an index or name of something that is not there"
    DUPLICATE = "the same twice"
    EMPTY_WINDOW = "a span of time that ends before, or when, it starts"
    OUT_OF_ORDER = "times that must follow each other do not"
    CONTRADICTION = "two rules cannot both hold"
    COORDINATES_SWAPPED = "latitude and longitude look exchanged"


@dataclass(frozen=True)
class Violation:
    """One broken rule of an input.

    Parameters
    ----------
    field
        Path of the offending field, for example ``points[3].latitude_degrees``.
    code
        What kind of rule is broken.
    description
        What is wrong and what would be right, in one sentence.
    """

    field: str
    code: ViolationCode
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
