"""What `grad` and its kin return: a function that is compiled, or runs on the tape, when called.

In the order to read it:

- `derivative.py` is the object that users get; `asked.py` what was asked for; `kinds.py` what
  differs between `grad`, `value_and_grad`, `vjp`, `jvp` and `hvp`, a record of functions for each;
- `compiling.py` gets from the arguments of a call to a compiled function: `argument_types.py` says
  what code is specialised to, `program_cache.py` keeps it, `report.py` tells what was done;
- `fallback.py` says when the tape takes over, and `emitted_errors.py` to which line of the user's
  an error of compiled code belongs;
- `callables.py` and `ways.py` are about functions and how they are called, `overlap.py` about
  arguments that share memory, `structure.py` about the vectors that come with a call;
- `nested.py` is a derivative inside of a function that is differentiated;
- `check/` compares what was computed with the function itself.
"""

from s2s_grad.transform.asked import Wrt
from s2s_grad.transform.derivative import Transform
from s2s_grad.transform.kinds import GRAD, HVP, JVP, KINDS, VALUE_AND_GRAD, VJP, Kind

__all__ = ["GRAD", "HVP", "JVP", "KINDS", "VALUE_AND_GRAD", "VJP", "Kind", "Transform", "Wrt"]
