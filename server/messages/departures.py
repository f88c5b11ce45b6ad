"""When ways are driven, and how fast roads are by the hour."""

from __future__ import annotations

from odograph import v1

from geo.roads.network import RoadClass
from geo.routing.time_profiles import TimeProfile
from server.messages.times import timestamp_of_s
from server.use_cases.departure import ClassSpeeds, Departure


def departure_of_message(departure: v1.Departure) -> Departure:
    """Read a departure; what is missing is reported by the check of the request."""
    return Departure(
        time_s=departure.time.seconds if departure.HasField("time") else None,
        time_zone=departure.time_zone,
        is_public_holiday=departure.is_public_holiday,
        speeds=speeds_of_message(departure.speed_profile),
    )


def departure_message(departure: Departure) -> v1.Departure:
    """Write a departure."""
    classes = [v1.ClassSpeeds(road_class=each.road_class, factors=each.factors) for each in departure.speeds]
    return v1.Departure(
        time=None if departure.time_s is None else timestamp_of_s(departure.time_s),
        time_zone=departure.time_zone,
        is_public_holiday=departure.is_public_holiday,
        speed_profile=v1.SpeedProfile(classes=classes) if classes else None,
    )


def speeds_of_message(profile: v1.SpeedProfile) -> tuple[ClassSpeeds, ...]:
    """Read how fast the classes of roads are by the hour."""
    return tuple(ClassSpeeds(each.road_class, tuple(each.factors)) for each in profile.classes)


def speed_profile_message(profile: TimeProfile, *, decimals: int) -> v1.SpeedProfile:
    """Write a profile, rounded; classes that are as fast as the network says at every hour are left out."""
    factors = profile.factors.round(decimals)
    return v1.SpeedProfile(
        classes=[
            v1.ClassSpeeds(road_class=road_class.name.lower(), factors=factors[:, road_class].tolist())
            for road_class in RoadClass
            if (factors[:, road_class] != 1.0).any()
        ]
    )
