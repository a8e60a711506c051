"""Programs that write into the arrays of a container that is an argument."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from judge import case

A, B = np.array([0.5, 0.9, 1.1]), np.array([0.3, 0.4, 0.7])


@dataclasses.dataclass
class Pair:
    a: Any
    b: Any = None


@case([A, B], 0.7, static=True)
def part_of_an_item(c, k):
    c[0][1:] *= k
    return np.sum(c[0] * c[1])


@case(Pair(A, B), 0.7, static=True)
def views_of_attributes(c, k):
    c.b[1:] *= k * c.a[0]
    v = c.b[:2]
    c.a[:2] += v
    return np.sum(c.b * c.a) + np.sum(v)


@case((A, B), 0.7, static=True)
def items_in_turn(c, k):
    for v in c:
        v *= k
    c[0][0] = c[1][1]
    return np.sum(c[0] * c[1])


@case({"u": A, "w": B}, 0.7, static=True)
def items_of_a_copied_dict(c, k):
    d = dict(c)
    d["u"][0] = k
    d["w"] = d["u"]
    d["w"][1] *= k
    return np.sum(c["u"] * c["w"]) + np.sum(d["w"])


@case({"u": A, "w": B}, 0.7, static=True)
def item_changed_on_one_way_and_in_a_loop(c, k):
    if k > 0.1:
        c["u"] *= 2
    for i in range(len(c["u"])):
        c["u"][i] += c["w"][0] * k
    return np.sum(c["u"] ** 2)


@case(A, B, static=True)
def items_of_star_arguments(*c):
    c[0][0] = c[1][0] * 3
    return np.sum(c[0] * c[1])


@case([A, B], 0.7, static=True)
def items_that_the_list_gets_again(c, k):
    c.append(k)
    c[1][0] = c[0][1]
    c[0] = c[1]
    c[0][1] = k
    return np.sum(c[0]) * np.sum(c[1])


@case((np.outer(A, B),), static=True)
@case((np.outer(A, B).T,), static=True)
def transposed_item(c):
    z = c[0]
    z[...] = np.sin(z)
    z.T[0] = 4.0
    return np.sum(c[0] @ c[0])


@case([[A, 0.4], {"w": (B, A * 2)}], static=True)
def nested_items(c):
    inner = c[1]["w"]
    inner[0][1:] += c[0][1]
    c[0][0][0] = inner[1][2]
    return np.sum(inner[0] * c[0][0]) + np.sum(inner[1])
