"""The service: speaks gRPC, stores, runs solvers, command line. The only package that knows all the others.

Read `server.__main__` first: it is the main path.
"""
