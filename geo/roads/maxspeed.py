"""Decides what an OSM ``maxspeed`` value means in kilometres per hour.

Read are plain numbers (km/h), numbers with a unit (``km/h``, ``mph``, ``knots``), ``walk``, ``none``, zones
(``DE:zone30``, ``DE:zone:30``, ``DE:30``, ``zone:20``; miles per hour in Britain) and implicit values of a country
(``DE:urban``, ``CN:rural``). Legal limits of countries are those of the OSM wiki page *Default speed limits*; China's
are articles 45, 46 and 78 of the Regulations on the Implementation of the Road Traffic Safety Law (State Council Decree
405).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

KMH_PER_MPH = 1.609344
KMH_PER_KNOT = 1.852
WALKING_PACE_KMH = 5.0

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots|kn)?")
_ZONE = re.compile(r"(?:([a-z]{2})(?:-[a-z]{1,3})?:(?:zone:?)?|zone:?)(\d+)")
_IMPLICIT = re.compile(r"([a-z]{2})(?:-[a-z]{1,3})?:([a-z_]+)")
_BRITAIN = frozenset({"gb", "uk"})
_KMH_PER_UNIT = {None: 1.0, "mph": KMH_PER_MPH, "knots": KMH_PER_KNOT, "kn": KMH_PER_KNOT}

_LIMIT_BY_SETTING_KMH = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 110.0,
    "motorway": 130.0,
    "living_street": 20.0,
    "bicycle_road": 30.0,
    "pedestrian_zone": WALKING_PACE_KMH,
    "walk": WALKING_PACE_KMH,
}
"""What most countries hold; `_LIMIT_BY_COUNTRY_KMH` lists those that differ."""

_LIMIT_BY_COUNTRY_KMH = {
    "at": {"rural": 100.0, "trunk": 100.0},
    "be": {"rural": 70.0, "motorway": 120.0},
    "bg": {"motorway": 140.0},
    "by": {"urban": 60.0, "motorway": 110.0},
    "ch": {"rural": 80.0, "trunk": 100.0, "motorway": 120.0},
    "cn": {"rural": 70.0, "trunk": 100.0, "motorway": 120.0},
    "cz": {"trunk": 110.0},
    "de": {"living_street": 7.0, "rural": 100.0, "trunk": math.inf, "motorway": math.inf},
    "dk": {"rural": 80.0},
    "es": {"trunk": 90.0, "motorway": 120.0},
    "fi": {"rural": 80.0, "motorway": 120.0},
    "fr": {"rural": 80.0},
    "gb": {
        "nsl_restricted": 30.0 * KMH_PER_MPH,
        "nsl_single": 60.0 * KMH_PER_MPH,
        "nsl_dual": 70.0 * KMH_PER_MPH,
        "urban": 30.0 * KMH_PER_MPH,
        "rural": 60.0 * KMH_PER_MPH,
        "motorway": 70.0 * KMH_PER_MPH,
    },
    "it": {"trunk": 110.0},
    "li": {"rural": 80.0, "motorway": 120.0},
    "nl": {"rural": 80.0, "trunk": 100.0},
    "no": {"rural": 80.0, "motorway": 110.0},
    "pl": {"rural": 90.0, "trunk": 100.0, "expressway": 120.0, "motorway": 140.0},
    "pt": {"trunk": 100.0, "motorway": 120.0},
    "ro": {"trunk": 100.0},
    "ru": {"urban": 60.0, "motorway": 110.0},
    "se": {"rural": 70.0, "motorway": 110.0},
    "za": {"urban": 60.0, "rural": 100.0, "motorway": 120.0},
}


@lru_cache(maxsize=4096)
def parse_maxspeed_kmh(value: str) -> float | None:
    """Speed limit that an OSM value states.

    Parameters
    ----------
    value
        Value of a ``maxspeed`` key, for example ``50``, ``30 mph`` or ``DE:urban``. Of several values, separated by
        semicolons, the lowest counts.

    Returns
    -------
    float or None
        Kilometres per hour; infinity for ``none``; None where the value says nothing (``signals``, ``variable``,
        unknown words, zero).
    """
    limits = [limit for part in value.lower().split(";") if (limit := _parse_one(part.strip())) is not None]
    return min(limits, default=None)


def _parse_one(value: str) -> float | None:
    if number := _NUMBER.fullmatch(value):
        kmh = float(number[1]) * _KMH_PER_UNIT.get(number[2], 1.0)
        return kmh if kmh > 0.0 else None
    if value == "none":
        return math.inf
    if value == "walk":
        return WALKING_PACE_KMH
    if zone := _ZONE.fullmatch(value):
        return float(zone[2]) * (KMH_PER_MPH if zone[1] in _BRITAIN else 1.0) or None
    if implicit := _IMPLICIT.fullmatch(value):
        country, setting = implicit.groups()
        country = "gb" if country in _BRITAIN else country
        return _LIMIT_BY_COUNTRY_KMH.get(country, {}).get(setting, _LIMIT_BY_SETTING_KMH.get(setting))
    return None
