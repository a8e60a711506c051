"""Operators of weather models on fields with a horizontal halo and a vertical axis."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def horizontal_diffusion(field, out, coeff):
    ni, nj = out.shape[0], out.shape[1]
    lap = 4.0 * field[1:-1, 1:-1, :] - (
        field[2:, 1:-1, :] + field[:-2, 1:-1, :] + field[1:-1, 2:, :] + field[1:-1, :-2, :]
    )
    res = lap[1:, 1 : nj + 1, :] - lap[:-1, 1 : nj + 1, :]
    flx = np.where(res * (field[2:-1, 2 : nj + 2, :] - field[1:-2, 2 : nj + 2, :]) > 0, 0, res)
    res = lap[1 : ni + 1, 1:, :] - lap[1 : ni + 1, :-1, :]
    fly = np.where(res * (field[2 : ni + 2, 2:-1, :] - field[2 : ni + 2, 1:-2, :]) > 0, 0, res)
    out[:, :, :] = field[2:-2, 2:-2, :] - coeff[:, :, :] * (
        flx[1:, :, :] - flx[:-1, :, :] + fly[:, 1:, :] - fly[:, :-1, :]
    )


def horizontal_diffusion_objective(field, coeff):
    out = np.zeros(coeff.shape)
    horizontal_diffusion(field, out, coeff)
    return np.sum(out**2)


def vertical_advection(stage, pos, w, tens, dt):
    """Advect implicitly along the last axis; the tendency is written into its argument."""
    ni, nj, nk = pos.shape
    ccol = np.empty((ni, nj, nk))
    dcol = np.empty((ni, nj, nk))
    data = np.empty((ni, nj))
    rate = 1.0 / dt
    for k in range(nk):
        if k == 0:
            gcv = 0.25 * (w[1:, :, 1] + w[:-1, :, 1])
            cs = 0.5 * gcv
            ccol[:, :, 0] = 0.5 * gcv
            bcol = rate - ccol[:, :, 0]
            correction = -cs * (stage[:, :, 1] - stage[:, :, 0])
            dcol[:, :, 0] = rate * pos[:, :, 0] + tens[:, :, 0] + correction
            divided = 1.0 / bcol
        else:
            gav = -0.25 * (w[1:, :, k] + w[:-1, :, k])
            acol = 0.5 * gav
            correction = -acol * (stage[:, :, k - 1] - stage[:, :, k])
            if k < nk - 1:
                gcv = 0.25 * (w[1:, :, k + 1] + w[:-1, :, k + 1])
                ccol[:, :, k] = gcv * 0.5
                correction -= 0.5 * gcv * (stage[:, :, k + 1] - stage[:, :, k])
            else:
                ccol[:, :, k] = 0.0
            bcol = rate - acol - ccol[:, :, k]
            dcol[:, :, k] = rate * pos[:, :, k] + tens[:, :, k] + correction
            divided = 1.0 / (bcol - ccol[:, :, k - 1] * acol)
            dcol[:, :, k] = dcol[:, :, k] - dcol[:, :, k - 1] * acol
        ccol[:, :, k] = ccol[:, :, k] * divided
        dcol[:, :, k] *= divided
    for k in range(nk - 1, -1, -1):
        if k == nk - 1:
            data[:] = dcol[:, :, k]
        else:
            data[:] = dcol[:, :, k] - ccol[:, :, k] * data[:, :]
        tens[:, :, k] = rate * (data - pos[:, :, k])


def vertical_advection_into_argument(stage, pos, w, tens, dt):
    vertical_advection(stage, pos, w, tens, dt)
    return np.sum(tens * tens)


def saturation_adjustment(temperature, vapour, cloud, steps):
    """Move vapour to cloud water where the air is too moist, by Newton steps per cell."""
    for i in range(temperature.size):
        t = temperature[i]
        saturated = 0.4 * np.exp(0.3 * (t - 1.0))
        if vapour[i] > saturated:
            change = 0.0
            for _ in range(steps):
                s = 0.4 * np.exp(0.3 * (t + 0.5 * change - 1.0))
                change -= (change - (vapour[i] - s)) / (1.0 + 0.15 * s)
            temperature[i] += 0.5 * change
            cloud[i] += change
            vapour[i] -= change


def saturation_adjustment_into_arguments(temperature, vapour, cloud):
    saturation_adjustment(temperature, vapour, cloud, 3)
    return np.sum(temperature * vapour) + np.sum(cloud**2)


def fields(rng):
    return rng.normal(size=(6, 7, 2)), rng.uniform(0.02, 0.1, size=(2, 3, 2))


def columns(rng):
    stage, pos, tens = (rng.normal(size=(2, 3, 4)) for _ in range(3))
    return stage, pos, 0.3 * rng.normal(size=(3, 3, 4)), tens, 0.5


KERNELS = [
    Kernel("horizontal diffusion", horizontal_diffusion_objective, fields, (0, 1)),
    Kernel(
        "vertical advection into its argument",
        vertical_advection_into_argument,
        columns,
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "saturation adjustment into its arguments",
        saturation_adjustment_into_arguments,
        lambda r: (r.normal(size=5), np.array([0.9, 0.1, 1.4, 0.05, 0.8]), r.uniform(size=5)),
        (0, 1, 2),
    ),
]
