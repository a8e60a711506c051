"""What `grad` and its kin return: a function that is compiled, or runs on the tape, when called.

In the order to read it:

- `derivative.py` is the object; `kinds.py` what differs between `grad`, `vjp`, `jvp` and `hvp`;
- `compiling.py` gets from the arguments of a call to a compiled function: `argument_types.py` says
  what code is specialised to, `program_cache.py` keeps it, `report.py` tells what was done;
- `callables.py`, `ways.py` and `overlap.py` are about the function and how it is called,
  `structure.py` about the vectors that come with a call;
- `fallback.py` and `emitted_errors.py` say what becomes of an error;
- `nested.py` is a derivative inside of a function that is differentiated;
- `check/` compares what was computed with the function itself.
"""

from s2s_grad.transform.compiling import Wrt
from s2s_grad.transform.derivative import Transform
from s2s_grad.transform.kinds import HvpTransform, JvpTransform, VjpTransform

__all__ = ["HvpTransform", "JvpTransform", "Transform", "VjpTransform", "Wrt"]
