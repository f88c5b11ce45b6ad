"""Routino, an independent road engine, asked for single ways by its command line (Debian package ``routino``).

It gets the class speeds and whole speed limits of a profile by a tagging file of our own, all divided by
`SPEED_DIVISOR`: it truncates the duration of each segment to 0.36 s, which so becomes five times smaller.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from geo.roads.access import ACCESS_BY_VALUE, Access
from geo.roads.network import RoadClass
from geo.roads.profiles import Profile

SPEED_DIVISOR = 5
LIMITS_KMH = range(10, 145, 5)
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "service")
CLASS_BY_HIGHWAY = {
    **{name: name for name in CLASSES},
    **{f"{name}_link": name for name in CLASSES[:5]},
    "road": "unclassified",
    "living_street": "residential",
}
MOST_KMH = 250


@dataclass(frozen=True, eq=False)
class TheirWay:
    """A way of routino: seconds, metres, and its points ``(p, 2)`` in degrees, both places included."""

    duration_s: float
    length_m: float
    points: NDArray[np.float64]


class Routino:
    """Routino with the map of one file.

    Parameters
    ----------
    file
        OSM file.
    profile
        Whose class speeds it takes.
    folder
        Where its database goes.
    """

    def __init__(self, file: Path, profile: Profile, folder: Path) -> None:
        self._router = shutil.which("routino-router") or ""
        tagging = folder / "tagging.xml"
        tagging.write_text(tagging_rules(profile), "utf-8")
        (folder / "profiles.xml").write_text(router_profile(), "utf-8")
        command = [shutil.which("planetsplitter") or "", f"--dir={folder}", "--prefix=map", f"--tagging={tagging}"]
        subprocess.run([*command, "--prune-none", str(file)], check=True, capture_output=True)  # noqa: S603 - of Debian
        self._folder = folder

    def way(self, origin: NDArray[np.float64], destination: NDArray[np.float64]) -> TheirWay | None:
        """Find the quickest way between two places, latitude and longitude in degrees; None where there is none."""
        command = [self._router, f"--dir={self._folder}", "--prefix=map", "--transport=motorcar", "--quickest"]
        command += [f"--profiles={self._folder / 'profiles.xml'}", "--output-text-all", "--output-stdout"]
        for number, place in enumerate((origin, destination), 1):
            command += [f"--lat{number}={place[0]:.7f}", f"--lon{number}={place[1]:.7f}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")  # noqa: S603 - of Debian
        rows = [line.split("\t") for line in done.stdout.splitlines() if line.strip() and not line.startswith("#")]
        if done.returncode or not rows:
            return None
        return TheirWay(
            # The sum of the segments' minutes is rounded less often than the total's tenths.
            duration_s=60.0 / SPEED_DIVISOR * sum(float(row[5]) for row in rows if row[5].strip()),
            length_m=1000.0 * sum(float(row[4]) for row in rows if row[4].strip()),
            points=np.array([(float(row[0]), float(row[1])) for row in rows]),
        )


def tagging_rules(profile: Profile) -> str:
    """Say in routino's rules which roads the profile uses, which way and how fast."""
    speeds = {name: round(_speed_kmh(profile, name) / SPEED_DIVISOR) for name in CLASS_BY_HIGHWAY}
    highways = "".join(
        _if("highway", name, _output("highway", wide) + _output("motorcar", "yes") + _output("maxspeed", speeds[name]))
        for name, wide in CLASS_BY_HIGHWAY.items()
    )
    closed = [value for value, access in ACCESS_BY_VALUE.items() if access is not Access.YES]
    opened = [value for value, access in ACCESS_BY_VALUE.items() if access is Access.YES]
    # The most specific key comes last: later rules replace earlier ones.
    access = "".join(
        "".join(_if(key, value, _output("motorcar", "no")) for value in closed)
        + "".join(_if(key, value, _output("motorcar", "yes")) for value in opened)
        for key in reversed(profile.access_keys)
    )
    ends_only = "".join(
        _if("service", value, _output("motorcar", "no")) for value in sorted(profile.ends_only_services)
    )
    limits = "".join(
        _if("maxspeed", str(limit), _output("maxspeed", round(limit / SPEED_DIVISOR))) for limit in LIMITS_KMH
    )
    implied = _if("highway", "motorway", _output("oneway", "yes")) + "".join(
        _if("junction", value, _output("oneway", "yes")) for value in ("roundabout", "circular")
    )
    oneway = "".join(_if("oneway", value, _output("oneway", value)) for value in ("yes", "no", "-1", "1", "true"))
    barriers = f'<if k="barrier">{_output("motorcar", "no")}</if>' + "".join(
        _if("barrier", value, _output("motorcar", "yes")) for value in sorted(profile.passable_barriers)
    )
    way = highways + ends_only + access + limits + implied + oneway
    relation = '<if k="type"><output/></if><if k="restriction"><output/></if><if k="except"><output/></if>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><routino-tagging><node>{barriers}{access}</node>'
        f"<way>{way}</way><relation>{relation}</relation></routino-tagging>"
    )


def router_profile() -> str:
    """Say in routino's words: the speed limits decide, no road is preferred."""
    speeds = "".join(f'<speed highway="{name}" kph="{MOST_KMH}"/>' for name in CLASSES)
    preferences = "".join(f'<preference highway="{name}" percent="100"/>' for name in CLASSES)
    properties = "".join(
        f'<property type="{name}" percent="50"/>'
        for name in ("paved", "multilane", "bridge", "tunnel", "footroute", "bicycleroute")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><routino-profiles><profile name="motorcar" transport="motorcar">'
        f"<speeds>{speeds}</speeds><preferences>{preferences}</preferences><properties>{properties}</properties>"
        '<restrictions><oneway obey="1"/><turns obey="1"/><weight limit="0.0"/><height limit="0.0"/>'
        '<width limit="0.0"/><length limit="0.0"/></restrictions></profile></routino-profiles>'
    )


def _speed_kmh(profile: Profile, highway: str) -> float:
    return profile.classes[RoadClass[highway.upper()]].speed_kmh


def _if(key: str, value: str, inner: str) -> str:
    return f"<if k={quoteattr(key)} v={quoteattr(value)}>{inner}</if>"


def _output(key: str, value: object) -> str:
    return f"<output k={quoteattr(key)} v={quoteattr(str(value))}/>"
