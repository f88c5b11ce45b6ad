"""Says how sure a match is: the probability that a metre of its path was driven.

A matched segment of confidence 0.97 is expected to have three metres of a hundred on roads that were not driven. It is
not the probability that all of a long path is right: that shrinks with every kilometre and says nothing about any of
them.

How it is estimated
-------------------
The Viterbi algorithm knows at each observation by how many nats the best other history would have been dearer (see
`geo.matching.confidence_kernels`). Were the model the truth, the odds of the decision were ``exp(margin)``. The model
is not the truth: noise is correlated, drivers do not take the cheapest way. So the odds are calibrated on drives with
known truth by logistic regression over all their metres::

    log odds = intercept + Σ weight · feature

===============  ==================================================================================================
feature          of the link between two observations
===============  ==================================================================================================
``margin``       square root of its margin, at most 20
``margin_after`` square root of the least margin of the next five links: a history that merges there may have
                 gone another way here (Hagenauer and Hoeher 1989 carry the reliability back in the same way)
``margin_before`` the same of the links before
``step``         natural logarithm of the hundreds of metres between the two observations, 0.1 added
``sigma``        natural logarithm of the standard deviation of the position error in metres
``white``        natural logarithm of its white part in metres, 3 added
===============  ==================================================================================================

`WEIGHTS` come from ``python -m benchmarks.fit_mileage``; ``benchmarks/RESULTS.md`` says how well they hold on other
drives and in another country.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.matching.confidence_kernels import MOST_NATS, WINDOW, link_margins, link_probabilities
from geo.matching.confidence_kernels import link_features as collected_features
from geo.matching.path_kernels import Path
from geo.matching.records import Records

FloatArray = NDArray[np.float64]

FEATURES = ("intercept", "margin", "margin_after", "margin_before", "step", "sigma", "white")
WEIGHTS = np.array([2.807, 0.719, 0.392, 0.126, 0.599, -0.752, -0.11])
"""One weight for each of `FEATURES`."""


def link_confidence(layers: Records, candidates: Records, steps: Records, path: Path) -> FloatArray:
    """Probability that a metre of each link of a path was driven.

    Parameters
    ----------
    layers, candidates, steps
        The filled trellis and the steps of its ways.
    path
        The best path through it.

    Returns
    -------
    FloatArray
        ``(t,)`` in [0, 1] per observation, for the road that leads to it; NaN where none does.
    """
    return np.asarray(link_probabilities(layers, candidates, steps, path, WEIGHTS))


def link_features(layers: Records, candidates: Records, steps: Records, path: Path) -> FloatArray:
    """Collect what the confidence of each link is estimated from.

    Parameters
    ----------
    layers, candidates, steps, path
        As in `link_confidence`.

    Returns
    -------
    FloatArray
        ``(t, 7)``: one column per name of `FEATURES`.
    """
    return np.asarray(collected_features(layers, link_margins(candidates, steps, path), WINDOW, MOST_NATS))
