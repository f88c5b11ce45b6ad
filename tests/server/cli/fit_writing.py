"""Writes small FIT files: enough of the format to hold the records of a ride (FIT protocol 2.0, sections 3 and 4)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

FIT_EPOCH_S = 631_065_600
"""1989-12-31T00:00:00Z, from which FIT counts its seconds."""
NO_POSITION = 0x7FFFFFFF

_FIELDS = ((253, 4, 0x86), (0, 4, 0x85), (1, 4, 0x85), (31, 1, 0x02), (6, 2, 0x84))
"""timestamp, position_lat, position_long, gps_accuracy, speed (mm/s): number, size and base type."""
_NIBBLES = (
    0x0000,
    0xCC01,
    0xD801,
    0x1400,
    0xF001,
    0x3C00,
    0x2800,
    0xE401,
    0xA001,
    0x6C00,
    0x7800,
    0xB401,
    0x5000,
    0x9C01,
    0x8801,
    0x4400,
)


def fit_file(records: Iterable[tuple[int, float | None, float | None, int, float]]) -> bytes:
    """Write a file of records: Unix seconds, latitude, longitude (None: no fix), accuracy in metres, speed in m/s."""
    body = struct.pack("<BBBHB", 0x40, 0, 0, 20, len(_FIELDS)) + b"".join(bytes(field) for field in _FIELDS)
    for unix_s, latitude, longitude, accuracy_m, speed_mps in records:
        places = [NO_POSITION if degrees is None else round(degrees * 2**31 / 180) for degrees in (latitude, longitude)]
        body += struct.pack("<BIiiBH", 0, unix_s - FIT_EPOCH_S, *places, accuracy_m, round(speed_mps * 1000))
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    header += struct.pack("<H", _crc(header))
    return header + body + struct.pack("<H", _crc(header + body))


def _crc(content: bytes) -> int:
    crc = 0
    for byte in content:
        for nibble in (byte & 0xF, byte >> 4):
            crc = (crc >> 4) ^ _NIBBLES[crc & 0xF] ^ _NIBBLES[nibble]
    return crc
