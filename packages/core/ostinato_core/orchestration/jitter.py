"""Random delays around a mean."""

import math

_BISECTIONS = 50


def clamped_poisson_interval(mean: float, factor: float, uniform: float) -> float:
    """Return an interval of a Poisson process, at most `mean * (1 + factor)`, whose average is still `mean`.

    `uniform` is a random number in [0, 1). The lower bound follows from the upper one: an exponential distribution cut
    to [a, b] keeps its mean of 1 exactly if a·e^-a = b·e^-b.
    """
    upper = 1 + factor
    level = upper * math.exp(-upper)
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle * math.exp(-middle) < level:
            low = middle
        else:
            high = middle
    most, least = math.exp(-low), math.exp(-upper)
    return mean * min(upper, max(low, -math.log(most - uniform * (most - least))))
