"""Lists that are filled from the end of a sequence, and iterators over lists that change."""

from __future__ import annotations

import numpy as np
from judge import case

X, K = np.array([0.3, 0.5, 0.9, 0.7]), 0.7


@case(X, K, static=True)
def filled_from_the_end(x, k):
    p = []
    for v in reversed(x):
        p.append(v * k)
        k = k * v
    return np.sum(np.array(p) * x) + p[0]


@case(X, K, static=True)
def filled_until_a_jump(x, k):
    p = [k]
    for v in reversed(x):
        if v < 0.4:
            break
        p.append(v * p[-1])
    return p[1] + 2.0 * p[-1]


@case(X, K, static=True)
def filled_by_places_from_the_end(x, k):
    p = []
    for i in reversed(range(len(x))):
        p.append(x[i] * k)
    return np.sum(np.array(p) * x)


@case(X, K, static=True)
def a_list_of_what_is_reversed(x, k):
    q = [v * k for v in x]
    p = list(reversed(q))
    r = [v for v in reversed(x)]  # noqa: C416
    for v in p:
        k = v
    return k + p[0] * 2.0 + r[1] + sum(np.array(list(map(np.sin, reversed(q)))) * x)


@case(X, K, static=True)
def numbered_from_the_end(x, k):
    q = [v * k for v in x]
    p = [a * b for a, b in enumerate(reversed(q))]
    return p[1] * 2.0 + p[2] + sum(a * b for a, b in zip(reversed(q), x, strict=True))


@case(X, K)
def shortened_before_it_is_reversed(x, k):
    q = [v * k for v in x]
    it = reversed(q)
    q.append(k)
    return sum(it, 0.0)


@case(X, K)
def shortened_before_it_is_zipped(x, k):
    q = list(x)
    it = (a * b for a, b in zip((v for v in x), q))  # noqa: B905
    q.pop()
    return sum(it, 0.0) * k


@case(X, K)
def numbered_and_shortened(x, k):
    q = [v * k for v in x]
    it = enumerate(q)
    q.pop()
    return sum((a * b for a, b in it), 0.0)
