"""From IR to readable Python: which expressions to nest, what to call things, how to spell them."""

from s2s_grad.emit.module import Emitted, emit

__all__ = ["Emitted", "emit"]
