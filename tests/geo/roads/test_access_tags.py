"""Who may use which road: every kind of access tag, as one drawn road each."""

from __future__ import annotations

import pytest

from tests.geo.roads.drawn_ways import ABSENT, CLOSED, ENDS_ONLY, OPEN, directions, drawn_way

BOTH_WAYS = [
    # The access chain: the most specific tag decides.
    ("car", {}, OPEN),
    ("car", {"access": "no"}, CLOSED),
    ("car", {"access": "yes", "motor_vehicle": "no"}, CLOSED),
    ("car", {"vehicle": "no"}, CLOSED),
    ("car", {"access": "no", "vehicle": "yes"}, OPEN),
    ("car", {"vehicle": "no", "motor_vehicle": "yes"}, OPEN),
    ("car", {"motor_vehicle": "no", "motorcar": "yes"}, OPEN),
    ("car", {"motor_vehicle": "yes", "motorcar": "no"}, CLOSED),
    ("car", {"bicycle": "no", "foot": "no"}, OPEN),  # other people's tags
    ("bicycle", {"access": "no", "bicycle": "yes"}, OPEN),
    ("bicycle", {"vehicle": "no"}, CLOSED),
    ("bicycle", {"motor_vehicle": "no"}, OPEN),
    ("bicycle", {"bicycle": "use_sidepath"}, CLOSED),
    ("bicycle", {"bicycle": "dismount"}, OPEN),
    ("car", {"motorcar": "dismount"}, CLOSED),  # a car cannot be pushed
    ("e-bike", {"bicycle": "no"}, CLOSED),
    ("e-bike", {"bicycle": "no", "electric_bicycle": "yes"}, OPEN),
    ("foot", {"access": "no"}, CLOSED),
    ("foot", {"access": "no", "foot": "designated"}, OPEN),
    ("foot", {"vehicle": "no"}, OPEN),
    # Values.
    ("car", {"access": "private"}, ENDS_ONLY),
    ("car", {"access": "destination"}, ENDS_ONLY),
    ("car", {"access": "delivery"}, ENDS_ONLY),
    ("car", {"access": "customers"}, ENDS_ONLY),
    ("car", {"access": "permit"}, ENDS_ONLY),
    ("car", {"access": "residents"}, ENDS_ONLY),
    ("car", {"access": "permissive"}, OPEN),
    ("car", {"access": "public"}, OPEN),
    ("car", {"motor_vehicle": "official"}, OPEN),
    ("car", {"motor_vehicle": "designated"}, OPEN),
    ("car", {"access": "discouraged"}, OPEN),
    ("car", {"access": "agricultural"}, CLOSED),
    ("car", {"access": "forestry"}, CLOSED),
    ("car", {"access": "emergency"}, CLOSED),
    ("car", {"access": "military"}, CLOSED),
    ("car", {"motor_vehicle": "psv"}, CLOSED),
    ("car", {"access": "bus"}, CLOSED),
    ("car", {"access": "no", "motorcar": "destination"}, ENDS_ONLY),
    ("car", {"access": "rainy_days"}, OPEN),  # an unknown value says nothing
    ("car", {"access": "no", "motorcar": "rainy_days"}, CLOSED),  # so that the next tag decides
    ("foot", {"access": "private"}, ENDS_ONLY),
    ("car", {"access": "employees"}, ENDS_ONLY),
    ("car", {"access": "staff"}, ENDS_ONLY),
    ("car", {"access": "members"}, ENDS_ONLY),
    ("car", {"access": "restricted"}, ENDS_ONLY),
    ("car", {"access": "license"}, ENDS_ONLY),
    ("car", {"access": "taxi"}, CLOSED),
    ("car", {"motor_vehicle": "hgv"}, CLOSED),
    ("car", {"motor_vehicle": "allowed"}, OPEN),
    ("car", {"access": "No"}, CLOSED),
    ("car", {"access": "unknown"}, OPEN),
    # Several values: each names someone who may pass.
    ("car", {"motor_vehicle": "agricultural;forestry"}, CLOSED),
    ("car", {"access": "psv;emergency"}, CLOSED),
    ("car", {"access": "psv; taxi"}, CLOSED),
    ("car", {"access": "private;delivery"}, ENDS_ONLY),
    ("car", {"access": "no;destination"}, ENDS_ONLY),
    ("car", {"motor_vehicle": "forestry;destination"}, ENDS_ONLY),
    ("car", {"access": "designated; yes"}, OPEN),
    ("car", {"access": "no;rainy_days"}, CLOSED),  # what is unknown says nothing
    ("car", {"access": "no", "motorcar": "rainy_days;sunny_days"}, CLOSED),
    ("car", {"access": "no", "motorcar": ";"}, CLOSED),
    ("bicycle", {"bicycle": "dismount;no"}, OPEN),
    ("car", {"motorcar": "dismount;no"}, CLOSED),
    # Classes and what they allow by default.
    ("car", {"highway": "pedestrian"}, CLOSED),
    ("car", {"highway": "pedestrian", "motor_vehicle": "destination"}, ENDS_ONLY),
    ("car", {"highway": "busway"}, CLOSED),
    ("car", {"highway": "busway", "motor_vehicle": "yes"}, OPEN),
    ("car", {"highway": "track"}, ENDS_ONLY),
    ("car", {"highway": "track", "motor_vehicle": "yes"}, OPEN),
    ("car", {"highway": "footway"}, ABSENT),
    ("car", {"highway": "cycleway"}, ABSENT),
    ("car", {"highway": "construction", "construction": "primary"}, ABSENT),
    ("car", {"highway": "motorway_link"}, OPEN),
    ("bicycle", {"highway": "motorway"}, CLOSED),
    ("bicycle", {"highway": "cycleway"}, OPEN),
    ("bicycle", {"highway": "footway"}, OPEN),  # pushed
    ("bicycle", {"highway": "steps"}, CLOSED),
    ("bicycle", {"highway": "bridleway"}, CLOSED),
    ("bicycle", {"highway": "bridleway", "bicycle": "yes"}, OPEN),
    ("e-bike", {"highway": "cycleway"}, OPEN),
    ("foot", {"highway": "motorway"}, CLOSED),
    ("foot", {"highway": "steps"}, OPEN),
    ("foot", {"highway": "corridor"}, OPEN),
    ("foot", {"highway": "platform"}, OPEN),
    ("foot", {"highway": "primary"}, OPEN),
    # Motor roads are closed to whoever has no motor.
    ("car", {"highway": "trunk", "motorroad": "yes"}, OPEN),
    ("bicycle", {"highway": "trunk", "motorroad": "yes"}, CLOSED),
    ("foot", {"highway": "trunk", "motorroad": "yes"}, CLOSED),
    ("foot", {"highway": "trunk", "motorroad": "yes", "foot": "yes"}, OPEN),
    # Service roads that lead to a house or a parking place only.
    ("car", {"highway": "service"}, OPEN),
    ("car", {"highway": "service", "service": "alley"}, OPEN),
    ("car", {"highway": "service", "service": "driveway"}, ENDS_ONLY),
    ("car", {"highway": "service", "service": "parking_aisle"}, ENDS_ONLY),
    ("car", {"highway": "service", "service": "drive-through"}, ENDS_ONLY),
    ("car", {"highway": "service", "service": "driveway", "access": "yes"}, OPEN),
    ("car", {"highway": "service", "service": "emergency_access"}, CLOSED),
    ("foot", {"highway": "service", "service": "driveway"}, OPEN),
    # Areas: people walk along their edge, cars do not.
    ("car", {"highway": "service", "area": "yes"}, ABSENT),
    ("foot", {"highway": "pedestrian", "area": "yes"}, OPEN),
    # Nobody gets through.
    ("car", {"impassable": "yes"}, CLOSED),
    ("foot", {"status": "impassable"}, CLOSED),
    ("car", {"smoothness": "impassable", "access": "yes"}, CLOSED),
    # Ferries carry cars only where a tag says so.
    ("car", {"highway": "", "route": "ferry"}, CLOSED),
    ("car", {"highway": "", "route": "ferry", "motor_vehicle": "yes"}, OPEN),
    ("car", {"highway": "", "route": "ferry", "motorcar": "no", "motor_vehicle": "yes"}, CLOSED),
    ("bicycle", {"highway": "", "route": "ferry"}, OPEN),
    ("foot", {"highway": "", "route": "ferry"}, OPEN),
    ("foot", {"highway": "", "route": "ferry", "foot": "no"}, CLOSED),
    ("foot", {"highway": "", "route": "bus"}, ABSENT),
]


@pytest.mark.parametrize(("profile", "tags", "expected"), BOTH_WAYS)
def test_a_road_is_open_as_its_tags_say(profile: str, tags: dict[str, str], expected: str) -> None:
    """Without a direction in the tags, both directions are alike."""
    assert directions(tags, profile) == (expected, expected)


@pytest.mark.parametrize(
    ("profile", "tags", "count"),
    [
        ("car", {"access": "private;delivery"}, 0),
        ("car", {"access": "unknown"}, 1),
        ("car", {"access": "no;rainy_days"}, 1),
        ("car", {"motorcar": "rainy_days;sunny_days", "access:forward": "swimming"}, 3),
        ("car", {"bicycle": "rainy_days"}, 0),  # another's
        ("bicycle", {"bicycle": "rainy_days"}, 1),
        ("car", {"highway": "footway", "access": "rainy_days"}, 0),  # no road of the profile
    ],
)
def test_access_values_that_say_nothing_are_counted(profile: str, tags: dict[str, str], count: int) -> None:
    """The report says how many values of access tags that concern the profile are not known."""
    assert drawn_way(tags, profile).report.unknown_access_values == count


@pytest.mark.parametrize(
    ("profile", "tags", "expected"),
    [
        ("car", {"motor_vehicle:forward": "no"}, (CLOSED, OPEN)),
        ("car", {"motor_vehicle:backward": "no"}, (OPEN, CLOSED)),
        ("car", {"motor_vehicle": "no", "motor_vehicle:forward": "destination"}, (ENDS_ONLY, CLOSED)),
        ("car", {"motorcar": "yes", "access:backward": "no"}, (OPEN, OPEN)),  # the vehicle's own tag decides
        ("foot", {"foot:backward": "no"}, (OPEN, CLOSED)),
    ],
)
def test_access_of_one_direction(profile: str, tags: dict[str, str], expected: tuple[str, str]) -> None:
    """``:forward`` and ``:backward`` concern the direction of the way's nodes."""
    assert directions(tags, profile) == expected


@pytest.mark.parametrize(
    ("profile", "tags", "expected"),
    [
        ("car", {"oneway": "yes"}, (OPEN, CLOSED)),
        ("car", {"oneway": "true"}, (OPEN, CLOSED)),
        ("car", {"oneway": "1"}, (OPEN, CLOSED)),
        ("car", {"oneway": "-1"}, (CLOSED, OPEN)),
        ("car", {"oneway": "reverse"}, (CLOSED, OPEN)),
        ("car", {"oneway": "no"}, (OPEN, OPEN)),
        ("car", {"oneway": "alternating"}, (OPEN, OPEN)),
        ("car", {"oneway": "reversible"}, (CLOSED, CLOSED)),  # nobody can know which way now
        ("foot", {"oneway": "reversible"}, (OPEN, OPEN)),
        ("bicycle", {"oneway": "reversible"}, (CLOSED, CLOSED)),
        ("bicycle", {"oneway": "reversible", "oneway:bicycle": "no"}, (OPEN, OPEN)),
        ("car", {"oneway": "yes", "oneway:motor_vehicle": "no"}, (OPEN, OPEN)),
        ("car", {"oneway:vehicle": "yes"}, (OPEN, CLOSED)),
        ("car", {"oneway:motorcar": "-1", "oneway": "yes"}, (CLOSED, OPEN)),
        ("car", {"oneway:bicycle": "yes"}, (OPEN, OPEN)),
        ("car", {"oneway": "yes", "access": "private"}, (ENDS_ONLY, CLOSED)),
        # Roundabouts and motorways are one-way without saying so.
        ("car", {"junction": "roundabout"}, (OPEN, CLOSED)),
        ("car", {"junction": "circular"}, (OPEN, CLOSED)),
        ("car", {"junction": "roundabout", "oneway": "no"}, (OPEN, OPEN)),
        ("car", {"junction": "yes"}, (OPEN, OPEN)),
        ("car", {"highway": "motorway"}, (OPEN, CLOSED)),
        ("car", {"highway": "motorway", "oneway": "no"}, (OPEN, OPEN)),
        ("car", {"highway": "trunk"}, (OPEN, OPEN)),
        ("bicycle", {"junction": "roundabout"}, (OPEN, CLOSED)),
        # Cycling against a one-way.
        ("bicycle", {"oneway": "yes"}, (OPEN, CLOSED)),
        ("bicycle", {"oneway": "yes", "oneway:bicycle": "no"}, (OPEN, OPEN)),
        ("bicycle", {"oneway": "yes", "cycleway": "opposite_lane"}, (OPEN, OPEN)),
        ("bicycle", {"oneway": "yes", "cycleway:left": "opposite"}, (OPEN, OPEN)),
        ("bicycle", {"oneway": "yes", "cycleway:left:oneway": "no"}, (OPEN, OPEN)),
        ("bicycle", {"oneway": "yes", "oneway:bicycle": "yes", "cycleway": "opposite"}, (OPEN, CLOSED)),
        ("car", {"oneway": "yes", "cycleway": "opposite_lane"}, (OPEN, CLOSED)),
        ("e-bike", {"oneway": "yes", "oneway:bicycle": "no"}, (OPEN, OPEN)),
        # One-ways are for vehicles.
        ("foot", {"oneway": "yes"}, (OPEN, OPEN)),
        ("foot", {"junction": "roundabout"}, (OPEN, OPEN)),
        ("foot", {"oneway:foot": "yes"}, (OPEN, CLOSED)),
    ],
)
def test_a_oneway_closes_one_direction(profile: str, tags: dict[str, str], expected: tuple[str, str]) -> None:
    """Each one-way tag closes the direction that it says, for whom it says."""
    assert directions(tags, profile) == expected
