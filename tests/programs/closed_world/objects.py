"""Objects of classes."""

# ruff: noqa: PLC3002

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from closed_programs import Counter, Point, compiled, other


class Base:
    def __init__(self):
        super().__init__()
        self.k = 2.0


class Mangled(Base):
    def __init__(self, v):
        super().__init__()
        self.__v = v
        self.__w = [v]

    def __twice(self):
        self.__w.append(self.k)
        return self.k * self.__v

    def result(self):
        return self.__twice() + (lambda: self.__w[1])()


class Other(Mangled):
    def __init__(self, v):
        super().__init__(v)
        self.__v = 3.0

    def both(self):
        return self.__v * self.result()


@compiled
def private_names(x):
    return Other(x[0]).both() ** 2


@compiled
def objects_in_a_tuple(x):
    a, b = (Counter(v) for v in (x[0], x[1]))
    for c in (a, b, a):
        c.add(x[2])
    return a.total * b.total


@compiled
def objects_in_a_dict(x):
    d = {k: Counter(v) for k, v in (("a", x[0]), ("b", x[1]))}
    for c in d.values():
        c.add(x[2])
    d["a"].total += d["b"].total
    return d["a"].total ** 2


class Vector:
    scale = 2.0
    shared = (1.0, 2.0)

    def __init__(self, a):
        self.a = a

    def __iadd__(self, o):
        self.a = self.a + o.a * 3
        return self

    def __add__(self, o):
        return Vector(self.a + o.a)

    def __mul__(self, o):
        return NotImplemented

    def __rmul__(self, o):
        return Vector(self.a * o)

    def __len__(self):
        return 0

    def __contains__(self, v):
        return v == 1

    def __getitem__(self, k):
        return self.a * (k + 1)

    def __setitem__(self, k, v):
        self.a = v * k

    def __iter__(self):
        return iter([self.a, self.a * 2])

    def __call__(self, v):
        return self.a * v

    def __eq__(self, o):
        return True

    def __hash__(self):
        return 1


@compiled
def own_operators(x):
    v = w = Vector(x[0])
    v += Vector(x[1])
    return w.a * (v + 2.0 * w).a


@compiled
def own_truth(x):
    v = Vector(x[0])
    return (x[1] if v else x[2]) * (x[3] if not v and not bool(v) else x[4])


@compiled
def own_items(x):
    v = Vector(x[0])
    return sum(v) * v[3] + v(x[1])


@other
def own_setitem(x):
    v = Vector(x[0])
    v[2] = x[1]
    return v.a


@other
def own_membership(x):
    return (x[0] if 1 in Vector(x[0]) else x[1]) * (x[2] if 2 not in Vector(x[0]) else x[3])


@compiled
def own_equality(x):
    return x[0] if Vector(x[0]) == Vector(x[1]) else x[1]


@compiled
def class_and_instance(x):
    v = Vector(x[0])
    s = v.scale
    v.scale = x[1]
    return s * v.scale * Vector(x[0]).scale + Vector.shared[1]


class Cached:
    def __init__(self, a):
        self.a = a

    @functools.cached_property
    def double(self):
        return self.a * 2


@compiled
def computed_once(x):
    c = Cached(x[0])
    before = c.double
    c.a = x[1]
    return before * c.double


class Missing:
    def __init__(self, a):
        self.a = a

    def __getattr__(self, name):
        return self.a * 2


@other
def missing_attributes(x):
    m = Missing(x[0])
    return m.b * (x[1] if hasattr(m, "c") else x[2])


class Checked:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, o, kind=None):
        return getattr(o, self.name) * 2

    def __set__(self, o, v):
        setattr(o, self.name, v + 1)


class WithDescriptor:
    v = Checked()

    def __init__(self, a):
        self.v = a


@other
def descriptor(x):
    return WithDescriptor(x[0]).v ** 2


class Logged:
    def __setattr__(self, name, v):
        object.__setattr__(self, name, v * 2)

    def __init__(self, a):
        self.a = a


@other
def own_setattr(x):
    return Logged(x[0]).a ** 2


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


@compiled
def slots(x):
    s = Slots(x[0])
    return s.a * (2.0 if hasattr(s, "b") else 3.0)


@other
def slots_are_all(x):
    s = Slots(x[0])
    s.c = x[1]
    return s.c


class Single(type):
    made: dict = {}

    def __call__(cls, *args):
        if cls not in Single.made:
            Single.made[cls] = type.__call__(cls, *args)
        return Single.made[cls]


class One(metaclass=Single):
    def __init__(self, a):
        self.a = a


@other
def one_object_for_all(x):
    One(1.0)
    return One(x[0]).a * x[1]


class Steps:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


@other
def own_iterator(x):
    return sum(x[i] for i in Steps(3))


@other
def objects_in_a_list(x):
    return sum(m.total**2 for m in [Counter(v) for v in x])


@other
def points_in_a_list(x):
    ps = []
    for v in x:
        ps.append(Point(v))
    ps[0].u = x[1]
    return sum(p.u * p.v for p in ps)


class Pair(NamedTuple):
    a: Any
    b: Any

    def product(self):
        return self.a * self.b


@compiled
def named_pairs(x):
    ps = [Pair(x[0], x[1]), Pair(b=x[2], a=x[3])]
    return sum(p.product() for p in ps) + ps[0]._replace(a=x[4]).a
