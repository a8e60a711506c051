"""Fourier transforms: all give complex numbers but these, and the inverses of real ones."""

from __future__ import annotations

import numpy as np

from s2s_grad.ir.primitives.record import Memory, Primitive, describe

describe(
    Primitive(memory=Memory.NEW),
    np.fft.fftfreq,
    np.fft.rfftfreq,
    np.fft.fftshift,
    np.fft.ifftshift,
)
