"""Our own search engine for planning problems: ruin and recreate under simulated annealing, in Numba kernels.

Read `optimizer.search.search` first.
"""
