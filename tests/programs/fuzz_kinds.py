"""The kinds of random programs: each makes a function, its source and its arguments from a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import argument_programs
import array_programs
import derivative_programs
import effects
import generator
import iteration_programs
import list_programs
import mixed_programs
import numpy as np
import numpy_programs
import object_programs
import raising_programs
import writing_programs
from examine import Given
from program_writer import compiled

Maker = Callable[[int], tuple[Callable[..., Any], str]]

_WEIGHTED = """

def program(x, k):
    result = complex_program(x, k)
    return np.abs(result) + result.real * result.imag
"""


def complex_program(seed: int) -> tuple[Callable[..., Any], str]:
    """Return a program that writes, of which the complex result is weighted."""
    _, source = writing_programs.writing_program(seed)
    source = source.replace("def program(", "def complex_program(") + _WEIGHTED
    return compiled("complex", seed, source), source


def complex_arguments(seed: int) -> tuple[Any, ...]:
    """Return a complex vector and a real number."""
    x, k = writing_programs.arguments(seed)
    return x + 0.5j * np.roll(x, 1), k


KINDS: dict[str, tuple[Maker, Callable[[int], tuple[Any, ...]]]] = {
    "arguments": (argument_programs.argument_program, argument_programs.arguments),
    "arrays": (array_programs.array_program, array_programs.arguments),
    "complex": (complex_program, complex_arguments),
    "derivatives": (derivative_programs.derivative_program, derivative_programs.arguments),
    "effects": (effects.effects_program, effects.arguments),
    "iteration": (iteration_programs.iteration_program, iteration_programs.arguments),
    "language": (generator.random_program, generator.arguments),
    "lists": (list_programs.list_program, list_programs.arguments),
    "mixed": (mixed_programs.mixed_program, mixed_programs.arguments),
    "numpy": (numpy_programs.numpy_program, numpy_programs.arguments),
    "objects": (object_programs.object_program, object_programs.arguments),
    "raising": (raising_programs.raising_program, raising_programs.arguments),
    "writes": (writing_programs.writing_program, writing_programs.arguments),
}


def program(kind: str, seed: int) -> tuple[Callable[..., Any], Given, str]:
    """Return a random program, its arguments, and a source that defines both of them."""
    make, arguments = KINDS[kind]
    f, source = make(seed)
    if "arguments" in f.__globals__:
        return f, given_by(f), source
    args = arguments(seed)
    with np.printoptions(floatmode="unique", threshold=10**6):
        text = repr(args)
    whole = f"{source}\n\ndef arguments():\n    array = np.array\n    return {text}\n"
    return f, Given(args), whole


def given_by(f: Callable[..., Any]) -> Given:
    """Return the arguments that the module of a program defines."""
    module = f.__globals__
    return Given(tuple(module["arguments"]()), module.get("keywords", dict)())
