"""What the road network is and what happened on it: roads, routing, tracks, matching, mileage, audit.

Read `geo.audit_track` first: it is the main path.
"""
