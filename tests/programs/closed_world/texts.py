"""Arrays of objects, and strings."""

# ruff: noqa: UP031

from __future__ import annotations

import json
import logging
import struct
from decimal import Decimal
from fractions import Fraction

import numpy as np
from closed_programs import Point, compiled, other


@other
def object_array(x):
    return np.array([x[0], x[1]], dtype=object).sum() * x[2]


@other
def object_array_by_position(x):
    y = np.empty(2, object)
    y[0] = x[0]
    return y[0] * x[2]


@other
def as_objects(x):
    return np.sum(x.astype("O") * x)


@other
def structured(x):
    y = np.zeros(2, dtype=[("a", float), ("b", float)])
    y["a"] = x[:2]
    return np.sum(y["a"]) * x[2]


@other
def array_of_none(x):
    y = np.array([None, x[0]])
    return y[1] * x[1]


@other
def array_of_points(x):
    y = np.array([Point(x[0]), Point(x[1])])
    return y[1].u * x[1]


@other
def records(x):
    y = np.rec.fromarrays([x, x], names="a,b")
    return np.sum(y.a * x)


@other
def through_str(x):
    return float(str(x[0])) * x[1]


@other
def through_repr(x):
    return float(repr(float(x[0]))) * x[1]


@other
def through_a_format(x):
    return float(f"{x[0]:.17g}") * x[1]


@other
def through_percent(x):
    return float("%.17g" % x[0]) * x[1]


@other
def through_format(x):
    return float(f"{x[0]:.17g}") * x[1] + float(format(x[1], ".17g"))


@other
def through_joined_text(x):
    return float("".join(["1", str(x[2])])) * x[1]


@other
def through_json(x):
    return json.loads(json.dumps([float(x[0])]))[0] * x[1]


@other
def through_struct(x):
    return struct.unpack("d", struct.pack("d", x[0]))[0] * x[1]


@other
def through_fractions(x):
    return float(Fraction(float(x[0]))) * x[1]


@other
def through_decimals(x):
    return float(Decimal(float(x[0]))) * x[1]


@other
def through_hex(x):
    return float.fromhex(float(x[0]).hex()) * x[1]


@other
def through_a_ratio(x):
    a, b = float(x[0]).as_integer_ratio()
    return a / b * x[1]


@other
def through_a_set(x):
    return max({x[0], x[1]}) * x[2]


@other
def through_frozenset(x):
    return sum(frozenset((float(x[0]), float(x[1])))) * x[2]


@other
def through_keys(x):
    d = {float(x[0]): 1.0}
    return sum(k * v for k, v in d.items()) * x[1]


@other
def through_a_list(x):
    return x.tolist()[0] * x[1]


@other
def through_bytes(x):
    return np.frombuffer(x.tobytes())[0] * x[1]


@compiled
def messages(x):
    s = np.sum(x)
    if s < -100.0:
        raise ValueError(f"too small: {s:.3f}, of {x}")
    if s < -50.0:
        raise ValueError("too small: " + str(s))
    return s**2


LOGGER = logging.getLogger(__name__)


@compiled
def logged(x):
    LOGGER.debug("x is %s", x)
    LOGGER.info(f"the first is {x[0]:.3f}")
    return np.sum(x**2)
