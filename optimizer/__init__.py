"""What should happen: the planning problem, its solving, checking and explaining.

Indices and matrices only, never a coordinate.

Read `optimizer.solve` first: it is the main path.
"""
