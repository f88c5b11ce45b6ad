"""What should happen: the planning problem, its solving, checking and explaining.

Indices and matrices only, never a coordinate.

Read `optimizer.solve` first: it is the main path. Beside it lie the problem, the plan and the checker. The folders:
``routes`` (times and cost of one route), ``insertion`` (where visits fit in), ``search`` (the fast search),
``thorough`` (the search with every rule), ``routing_library`` (OR-Tools), ``rounds`` (rules about several routes) and
``answers`` (why a visit is left out, or where it is).
"""
