"""Decides how each way of travel reads OSM tags: one small table per profile.

Speeds of cars are the defaults of OSRM's ``car.lua`` (free-flow speeds by class, four fifths of a mapped limit, 7.5 s
for a sharp turn, 20 s for a turn back, 2 s at a signal), so that results can be compared with that engine. Speeds of
bicycles are those of OSRM's ``bicycle.lua``. Walking takes 5 km/h, the mean free speed of 1.34 m/s that Weidmann,
*Transporttechnik der Fussgänger* (ETH Zürich, 1993), found, rounded. E-bikes ride at 20 km/h on the average: pedelecs
(EU Regulation 168/2013) and China's electric bicycles (GB 17761) are limited to 25 km/h.

How a table is applied: `geo.roads.way_rules` for ways, `geo.roads.node_rules` for nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from geo.errors import InvalidGeoInputError, Violation, ViolationCode
from geo.roads.access import Access
from geo.roads.network import RoadClass, TurnCosts


@dataclass(frozen=True)
class ClassRule:
    """How a profile uses one road class.

    Parameters
    ----------
    speed_kmh
        Speed where no tag says another.
    access
        What holds where no access tag is set. Classes with `Access.NO` are imported as forbidden edges: access tags
        may open them, and tracks that did use them can be matched.
    allowed_speed_kmh
        Speed where a tag of the vehicle itself allows it, where that is another: cycling on a footway, which
        otherwise means pushing.
    """

    speed_kmh: float
    access: Access = Access.YES
    allowed_speed_kmh: float | None = None


@dataclass(frozen=True)
class Profile:
    """How one way of travel reads OSM tags.

    Parameters
    ----------
    name
        ``car``, ``e-bike``, ``bicycle`` or ``foot``.
    access_keys
        Access tags that concern it, the most specific first: the first that is set decides.
    classes
        Road classes it knows; ways of another class are not imported.
    oneway_keys
        Tags that may forbid a direction, the most specific first.
    top_speed_kmh
        It never travels faster.
    maxspeed_share
        Share of a mapped speed limit that is driven on the average; 0 where limits do not concern the profile.
    pushing_speed_kmh
        Speed where it must dismount; 0 where it cannot.
    passable_barriers, blocking_barriers
        Values of ``barrier`` that let it through, or stop it, where no access tag decides; exactly one of the two is
        given: the other values do the opposite.
    ends_only_services
        Values of ``service`` whose roads serve only the ends of a route.
    surface_speeds_kmh, smoothness_speeds_kmh, tracktype_speeds_kmh
        Upper bounds of the speed by the tag's value.
    turn_costs
        What passing a node costs.
    obeys_turn_restrictions
        Whether restrictions without a vehicle in their tag concern it.
    uses_areas
        Whether it may travel along the outline of an area (``area=yes``).
    ferries_by_default
        Whether a ferry without an access tag takes it.
    """

    name: str
    access_keys: tuple[str, ...]
    classes: Mapping[RoadClass, ClassRule]
    oneway_keys: tuple[str, ...]
    top_speed_kmh: float
    maxspeed_share: float
    turn_costs: TurnCosts
    pushing_speed_kmh: float = 0.0
    passable_barriers: frozenset[str] = frozenset()
    blocking_barriers: frozenset[str] = frozenset()
    ends_only_services: frozenset[str] = frozenset()
    surface_speeds_kmh: Mapping[str, float] = field(default_factory=dict)
    smoothness_speeds_kmh: Mapping[str, float] = field(default_factory=dict)
    tracktype_speeds_kmh: Mapping[str, float] = field(default_factory=dict)
    obeys_turn_restrictions: bool = True
    uses_areas: bool = False
    ferries_by_default: bool = False


_FERRY_KMH = 5.0

CAR = Profile(
    name="car",
    access_keys=("motorcar", "motor_vehicle", "vehicle", "access"),
    oneway_keys=("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
    top_speed_kmh=140.0,
    maxspeed_share=0.8,
    turn_costs=TurnCosts(turn_s=7.5, u_turn_s=20.0, traffic_signal_s=2.0, u_turns_allowed=False),
    classes={
        RoadClass.MOTORWAY: ClassRule(90.0),
        RoadClass.MOTORWAY_LINK: ClassRule(45.0),
        RoadClass.TRUNK: ClassRule(85.0),
        RoadClass.TRUNK_LINK: ClassRule(40.0),
        RoadClass.PRIMARY: ClassRule(65.0),
        RoadClass.PRIMARY_LINK: ClassRule(30.0),
        RoadClass.SECONDARY: ClassRule(55.0),
        RoadClass.SECONDARY_LINK: ClassRule(25.0),
        RoadClass.TERTIARY: ClassRule(40.0),
        RoadClass.TERTIARY_LINK: ClassRule(20.0),
        RoadClass.UNCLASSIFIED: ClassRule(25.0),
        RoadClass.RESIDENTIAL: ClassRule(25.0),
        RoadClass.LIVING_STREET: ClassRule(10.0),
        RoadClass.SERVICE: ClassRule(15.0),
        RoadClass.ROAD: ClassRule(10.0),
        RoadClass.TRACK: ClassRule(10.0, Access.ENDS_ONLY),
        RoadClass.BUSWAY: ClassRule(25.0, Access.NO),
        RoadClass.PEDESTRIAN: ClassRule(5.0, Access.NO),
        RoadClass.FERRY: ClassRule(_FERRY_KMH),
    },
    passable_barriers=frozenset(
        {
            "arch",
            "border_control",
            "bump_gate",
            "cattle_grid",
            "entrance",
            "gate",
            "hampshire_gate",
            "height_restrictor",
            "kerb",
            "lift_gate",
            "no",
            "rumble_strip",
            "sally_port",
            "sliding_gate",
            "swing_gate",
            "toll_booth",
            "width_restrictor",
        }
    ),
    ends_only_services=frozenset({"driveway", "parking_aisle", "parking", "drive-through"}),
    surface_speeds_kmh={
        "cement": 80.0,
        "compacted": 80.0,
        "fine_gravel": 80.0,
        "paving_stones": 60.0,
        "metal": 60.0,
        "bricks": 60.0,
        "grass": 40.0,
        "wood": 40.0,
        "sett": 40.0,
        "grass_paver": 40.0,
        "gravel": 40.0,
        "unpaved": 40.0,
        "ground": 40.0,
        "dirt": 40.0,
        "pebblestone": 40.0,
        "tartan": 40.0,
        "cobblestone": 30.0,
        "clay": 30.0,
        "earth": 20.0,
        "stone": 20.0,
        "rocky": 20.0,
        "sand": 20.0,
        "mud": 10.0,
    },
    smoothness_speeds_kmh={"intermediate": 80.0, "bad": 40.0, "very_bad": 20.0, "horrible": 10.0, "very_horrible": 5.0},
    tracktype_speeds_kmh={"grade1": 60.0, "grade2": 40.0, "grade3": 30.0, "grade4": 25.0, "grade5": 20.0},
)


def _cycling_classes(
    ride_kmh: float, *, track_kmh: float, path_kmh: float, push_kmh: float
) -> dict[RoadClass, ClassRule]:
    ridden = (
        RoadClass.PRIMARY,
        RoadClass.PRIMARY_LINK,
        RoadClass.SECONDARY,
        RoadClass.SECONDARY_LINK,
        RoadClass.TERTIARY,
        RoadClass.TERTIARY_LINK,
        RoadClass.UNCLASSIFIED,
        RoadClass.RESIDENTIAL,
        RoadClass.LIVING_STREET,
        RoadClass.SERVICE,
        RoadClass.ROAD,
        RoadClass.CYCLEWAY,
    )
    rules = {road_class: ClassRule(ride_kmh) for road_class in ridden}
    rules |= {road_class: ClassRule(ride_kmh) for road_class in (RoadClass.TRUNK, RoadClass.TRUNK_LINK)}
    rules |= {road_class: ClassRule(ride_kmh, Access.NO) for road_class in (RoadClass.MOTORWAY, RoadClass.BUSWAY)}
    rules |= {
        RoadClass.TRACK: ClassRule(track_kmh),
        RoadClass.PATH: ClassRule(path_kmh),
        RoadClass.BRIDLEWAY: ClassRule(path_kmh, Access.NO),
        RoadClass.PEDESTRIAN: ClassRule(push_kmh, allowed_speed_kmh=path_kmh),
        RoadClass.FOOTWAY: ClassRule(push_kmh, allowed_speed_kmh=path_kmh),
        RoadClass.STEPS: ClassRule(push_kmh / 2.0, Access.NO),
        RoadClass.FERRY: ClassRule(_FERRY_KMH),
    }
    return rules


_CYCLING_SURFACE_SPEEDS_KMH = {
    "cobblestone:flattened": 10.0,
    "compacted": 12.0,
    "fine_gravel": 10.0,
    "ground": 10.0,
    "metal": 10.0,
    "paving_stones": 12.0,
    "wood": 10.0,
    "sett": 9.0,
    "dirt": 8.0,
    "cobblestone": 7.0,
    "earth": 6.0,
    "grass": 6.0,
    "grass_paver": 6.0,
    "gravel": 6.0,
    "pebblestone": 6.0,
    "unpaved": 6.0,
    "mud": 3.0,
    "sand": 3.0,
    "woodchips": 3.0,
}
_WALLS = frozenset({"wall", "fence", "hedge", "retaining_wall", "city_wall", "guard_rail", "yes"})
_NARROW_PASSAGES = frozenset({"kissing_gate", "stile", "turnstile", "full-height_turnstile"})

BICYCLE = Profile(
    name="bicycle",
    access_keys=("bicycle", "vehicle", "access"),
    oneway_keys=("oneway:bicycle", "oneway:vehicle", "oneway"),
    top_speed_kmh=25.0,
    maxspeed_share=1.0,
    turn_costs=TurnCosts(turn_s=6.0, u_turn_s=20.0, traffic_signal_s=2.0, u_turns_allowed=True),
    classes=_cycling_classes(15.0, track_kmh=12.0, path_kmh=13.0, push_kmh=4.0),
    pushing_speed_kmh=4.0,
    blocking_barriers=_WALLS | _NARROW_PASSAGES,
    surface_speeds_kmh=_CYCLING_SURFACE_SPEEDS_KMH,
    uses_areas=True,
    ferries_by_default=True,
)

E_BIKE = Profile(
    name="e-bike",
    access_keys=("electric_bicycle", "bicycle", "vehicle", "access"),
    oneway_keys=("oneway:electric_bicycle", "oneway:bicycle", "oneway:vehicle", "oneway"),
    top_speed_kmh=25.0,
    maxspeed_share=1.0,
    turn_costs=TurnCosts(turn_s=6.0, u_turn_s=20.0, traffic_signal_s=2.0, u_turns_allowed=True),
    classes=_cycling_classes(20.0, track_kmh=15.0, path_kmh=15.0, push_kmh=4.0),
    pushing_speed_kmh=4.0,
    blocking_barriers=_WALLS | _NARROW_PASSAGES,
    surface_speeds_kmh=_CYCLING_SURFACE_SPEEDS_KMH,
    uses_areas=True,
    ferries_by_default=True,
)

_WALK_KMH = 5.0

FOOT = Profile(
    name="foot",
    access_keys=("foot", "access"),
    oneway_keys=("oneway:foot",),
    top_speed_kmh=_WALK_KMH,
    maxspeed_share=0.0,
    turn_costs=TurnCosts(turn_s=0.0, u_turn_s=0.0, traffic_signal_s=15.0, u_turns_allowed=True),
    classes={
        **{
            road_class: ClassRule(_WALK_KMH)
            for road_class in RoadClass
            if road_class not in {RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK, RoadClass.BUSWAY}
        },
        RoadClass.STEPS: ClassRule(2.0),
        RoadClass.BUSWAY: ClassRule(_WALK_KMH, Access.NO),
        RoadClass.MOTORWAY: ClassRule(_WALK_KMH, Access.NO),
        RoadClass.MOTORWAY_LINK: ClassRule(_WALK_KMH, Access.NO),
        RoadClass.FERRY: ClassRule(_FERRY_KMH),
    },
    pushing_speed_kmh=_WALK_KMH,
    blocking_barriers=_WALLS,
    obeys_turn_restrictions=False,
    uses_areas=True,
    ferries_by_default=True,
)

PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in (CAR, E_BIKE, BICYCLE, FOOT)})


def profile_named(name: str) -> Profile:
    """Profile of a name.

    Parameters
    ----------
    name
        ``car``, ``e-bike``, ``bicycle`` or ``foot``.

    Returns
    -------
    Profile
        The table.

    Raises
    ------
    InvalidGeoInputError
        No profile has this name.
    """
    try:
        return PROFILES[name]
    except KeyError:
        known = ", ".join(PROFILES)
        raise InvalidGeoInputError(
            (Violation("profile", ViolationCode.UNKNOWN_VALUE, f"unknown profile {name!r} (known: {known})"),)
        ) from None
