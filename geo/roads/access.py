"""Decides what OSM's access values allow, alone and in lists."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType


class Access(IntEnum):
    """What the profile may do with a road."""

    NO = 0
    ENDS_ONLY = 1
    """At the start or end of a route, never in between."""
    YES = 2


ACCESS_BY_VALUE: Mapping[str, Access] = MappingProxyType(
    {
        "yes": Access.YES,
        "designated": Access.YES,
        "official": Access.YES,
        "permissive": Access.YES,
        "public": Access.YES,
        "allowed": Access.YES,
        "dismount": Access.YES,
        "private": Access.ENDS_ONLY,
        "destination": Access.ENDS_ONLY,
        "delivery": Access.ENDS_ONLY,
        "customers": Access.ENDS_ONLY,
        "permit": Access.ENDS_ONLY,
        "residents": Access.ENDS_ONLY,
        "employees": Access.ENDS_ONLY,
        "staff": Access.ENDS_ONLY,
        "members": Access.ENDS_ONLY,
        "restricted": Access.ENDS_ONLY,
        "license": Access.ENDS_ONLY,
        "no": Access.NO,
        "agricultural": Access.NO,
        "forestry": Access.NO,
        "emergency": Access.NO,
        "military": Access.NO,
        "psv": Access.NO,
        "bus": Access.NO,
        "taxi": Access.NO,
        "hgv": Access.NO,
        "use_sidepath": Access.NO,
        "discouraged": Access.YES,
    }
)
"""OSM access values; a value that is not listed says nothing."""


@lru_cache(maxsize=4096)
def access_of(value: str, *, can_push: bool = True) -> Access | None:
    """Read the value of an access tag.

    Parameters
    ----------
    value
        For example ``private``, or several in a list: ``agricultural;forestry``.
    can_push
        Whether a rule to dismount lets the vehicle through, pushed.

    Returns
    -------
    Access or None
        Of several values the most that one of them allows: each names someone who may pass. None where none is known.
    """
    known = [
        Access.NO if part == "dismount" and not can_push else ACCESS_BY_VALUE[part]
        for part in _listed(value)
        if part in ACCESS_BY_VALUE
    ]
    return max(known, default=None)


def unknown_access_values(value: str) -> int:
    """Count what an access tag says in vain.

    Parameters
    ----------
    value
        As in `access_of`.

    Returns
    -------
    int
        How many of its values are none that is known.
    """
    return sum(part not in ACCESS_BY_VALUE for part in _listed(value))


def _listed(value: str) -> list[str]:
    return [part for part in (part.strip().lower() for part in value.split(";")) if part]
