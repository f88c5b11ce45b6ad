"""Where Chinese map services shift their coordinates: an outline of the region, and the test that uses it.

Inside are mainland China, Hong Kong and Macau: there the large Chinese map services serve GCJ-02 or BD-09. Taiwan
and every other place are outside: there they serve WGS-84. (Some western maps of Hong Kong and Macau are WGS-84 as
well; a caller who uses those declares WGS-84.)

How exact it is
---------------
The usual test, a rectangle from 72.004 to 137.8347 degrees east and 0.8293 to 55.8271 degrees north, also takes in
Korea, Mongolia, Vietnam, Taiwan, Nepal and more than half of India's longitudes. This outline has some 180 corners:
the public domain land outline of Natural Earth (1:110 million), moved about 10 km outwards on land and to the open
sea at the coast, and corrected at the border towns that the tests name. On land it is right to about 30 km. The error
is on the side of "inside", because someone who declares GCJ-02 works in China. So the foreign half of a twin town
at the border (Sinuiju, Blagoveshchensk, Lao Cai, Zamyn-Uud, and the islands of Kinmen and Matsu) counts as inside.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# fmt: off
_OUTLINE_LONGITUDE_LATITUDE = np.array([
    (86.08, 28.05), (85.92, 27.87), (85.92, 28.08), (84.97, 28.55), (84.17, 28.75), (83.84, 29.23), (83.3, 29.37),
    (82.28, 30.03), (81.53, 30.31), (81.11, 30.07), (78.65, 31.45), (78.32, 32.75), (79.08, 32.6), (79.11, 32.96),
    (78.71, 33.48), (78.81, 34.29), (77.78, 35.4), (76.12, 35.81), (75.82, 36.6), (75.09, 37.06), (74.89, 37.38),
    (74.76, 38.31), (74.25, 38.5), (73.86, 38.38), (73.56, 39.47), (73.83, 39.68), (73.68, 39.94), (74.74, 40.46),
    (75.46, 40.66), (76.47, 40.54), (76.84, 41.16), (78.14, 41.28), (78.49, 41.67), (80.05, 42.21), (80.07, 42.99),
    (80.73, 43.23), (79.82, 44.99), (82.38, 45.62), (83.12, 47.44), (85.14, 47.11), (85.62, 47.5), (85.67, 48.55),
    (86.56, 48.65), (87.31, 49.31), (87.81, 49.41), (88.1, 48.67), (88.89, 48.16), (90.34, 47.78), (91.08, 46.91),
    (90.7, 45.74), (91.0, 45.38), (93.51, 45.07), (94.72, 44.45), (95.37, 44.33), (95.84, 43.38), (96.39, 42.83),
    (99.52, 42.63), (100.85, 42.76), (101.86, 42.61), (103.33, 42.01), (104.55, 42.01), (104.98, 41.71),
    (106.1, 42.23), (107.73, 42.58), (109.23, 42.62), (110.37, 42.96), (111.7, 43.79), (111.22, 44.46),
    (111.83, 45.21), (113.45, 44.91), (114.42, 45.43), (115.94, 45.82), (116.66, 46.47), (117.4, 46.77),
    (118.88, 46.91), (119.59, 46.8), (119.66, 47.01), (118.82, 47.66), (118.07, 47.96), (117.31, 47.59),
    (116.31, 47.75), (115.7, 47.61), (115.37, 48.14), (116.64, 50.01), (117.87, 49.62), (119.19, 50.21),
    (119.18, 50.62), (120.12, 51.72), (120.64, 52.02), (120.63, 52.45), (119.96, 52.74), (120.97, 53.35),
    (122.3, 53.6), (123.58, 53.56), (125.1, 53.26), (126.01, 52.87), (127.02, 51.41), (127.73, 49.85), (129.43, 49.54),
    (130.66, 48.8), (131.05, 47.89), (132.49, 47.89), (133.34, 48.28), (134.86, 48.52), (134.59, 47.53),
    (134.2, 47.16), (133.86, 46.07), (133.14, 45.04), (131.9, 45.22), (131.15, 44.91), (131.39, 44.12),
    (131.23, 42.83), (130.74, 42.81), (130.74, 42.17), (130.01, 42.84), (129.66, 42.34), (128.18, 41.93),
    (128.34, 41.36), (127.31, 41.4), (126.88, 41.69), (126.24, 41.03), (124.1, 39.79), (124.4, 39.6), (123.2, 38.9),
    (122.9, 36.5), (121.5, 34.5), (122.2, 33.0), (123.2, 31.5), (123.2, 29.5), (122.6, 28.0), (121.0, 26.5),
    (119.0, 24.0), (117.3, 22.9), (113.0, 21.2), (111.6, 19.9), (110.9, 18.3), (109.5, 17.9), (108.3, 18.3),
    (108.2, 19.6), (108.5, 20.8), (108.2, 21.45), (108.4, 21.57), (108.05, 21.45), (107.0, 21.72), (106.45, 22.18),
    (106.6, 22.72), (105.77, 22.88), (105.32, 23.23), (104.51, 22.72), (104.05, 22.47), (103.9, 22.42), (102.73, 22.61),
    (101.76, 22.25), (101.92, 21.07), (101.2, 21.11), (101.06, 21.71), (100.42, 21.45), (99.12, 22.07), (99.4, 22.88),
    (98.82, 23.06), (98.59, 23.95), (97.49, 23.78), (97.63, 25.13), (98.57, 25.97), (98.58, 27.45), (98.17, 27.67),
    (97.86, 28.23), (96.06, 28.34), (96.46, 28.83), (96.09, 29.32), (95.42, 28.92), (94.58, 29.17), (93.47, 28.56),
    (92.55, 27.8), (91.68, 27.67), (91.23, 27.94), (90.02, 28.19), (89.54, 27.96), (88.74, 27.06), (88.64, 27.95),
    (88.13, 27.78),
])
# fmt: on
_OUTLINE_LONGITUDE_LATITUDE.setflags(write=False)


def is_shifted_region(latitude_degrees: ArrayLike, longitude_degrees: ArrayLike) -> NDArray[np.bool_]:
    """Tell which places lie in the region where Chinese map services shift coordinates.

    Parameters
    ----------
    latitude_degrees, longitude_degrees
        ``(n,)`` WGS-84 degrees.

    Returns
    -------
    NDArray[np.bool_]
        ``(n,)``; False for positions that are not finite.

    Notes
    -----
    Even-odd rule: a place is inside where an odd number of outline edges cross its parallel to the east of it. The
    places are sorted by latitude once, so that each edge meets only those that it spans.
    """
    latitude = np.atleast_1d(np.asarray(latitude_degrees, dtype=np.float64))
    longitude = np.atleast_1d(np.asarray(longitude_degrees, dtype=np.float64))
    (west, south), (east, north) = _OUTLINE_LONGITUDE_LATITUDE.min(axis=0), _OUTLINE_LONGITUDE_LATITUDE.max(axis=0)
    if not ((latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)).any():
        return np.zeros(len(latitude), np.bool_)  # most maps of the world end here
    order = np.argsort(latitude)
    ascending = latitude[order]
    crossings = np.zeros(len(latitude), dtype=np.int64)
    starts, ends = _OUTLINE_LONGITUDE_LATITUDE, np.roll(_OUTLINE_LONGITUDE_LATITUDE, -1, axis=0)
    for (start_longitude, start_latitude), (end_longitude, end_latitude) in zip(starts, ends, strict=True):
        low, high = sorted((start_latitude, end_latitude))
        spanned = order[np.searchsorted(ascending, low) : np.searchsorted(ascending, high)]
        if len(spanned):
            share = (latitude[spanned] - start_latitude) / (end_latitude - start_latitude)
            crossings[spanned] += start_longitude + share * (end_longitude - start_longitude) > longitude[spanned]
    return np.asarray(crossings % 2 == 1)
