"""Tables filled row by row: alignments, paths, hidden states."""

from __future__ import annotations

import math

import numpy as np
from kernel import Kernel


def floyd_warshall(path):
    n = path.shape[0]
    for k in range(n):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))


def floyd_warshall_into_argument(path):
    floyd_warshall(path)
    return np.sum(path**2)


def floyd_warshall_loops(path):
    n = len(path)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if path[i, k] + path[k, j] < path[i, j]:
                    path[i, j] = path[i, k] + path[k, j]
    return path


def floyd_warshall_loops_objective(path):
    return np.sum(np.sqrt(floyd_warshall_loops(path.copy())))


def nussinov(score, bonus):
    """Fill the upper triangle from the diagonal outwards, the best of four moves."""
    n = score.shape[0]
    table = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            if j - 1 >= 0:
                table[i, j] = max(table[i, j], table[i, j - 1])
            if i + 1 < n:
                table[i, j] = max(table[i, j], table[i + 1, j])
            if j - 1 >= 0 and i + 1 < n:
                gain = score[i, j] + bonus if i < j - 1 else 0.0
                table[i, j] = max(table[i, j], table[i + 1, j - 1] + gain)
            for k in range(i + 1, j):
                table[i, j] = max(table[i, j], table[i, k] + table[k + 1, j])
    return table


def nussinov_objective(score, bonus):
    table = nussinov(score, bonus)
    return table[0, -1] ** 2 + np.sum(table[1])


def soft_dtw(x, y, gamma):
    n, m = len(x), len(y)
    R = np.full((n + 1, m + 1), 1e10)
    R[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            a, b, c = R[i - 1, j], R[i, j - 1], R[i - 1, j - 1]
            low = min(a, b, c)
            total = math.exp((low - a) / gamma)
            total += math.exp((low - b) / gamma) + math.exp((low - c) / gamma)
            R[i, j] = (x[i - 1] - y[j - 1]) ** 2 + low - gamma * math.log(total)
    return R[n, m]


def edit_distance(x, y, gap):
    """Align two signals, keeping two rows that trade places."""
    previous = gap * np.arange(len(y) + 1.0)
    current = np.empty_like(previous)
    for i in range(len(x)):
        current[0] = gap * (i + 1)
        for j in range(len(y)):
            cost = abs(x[i] - y[j])
            current[j + 1] = min(previous[j + 1] + gap, current[j] + gap, previous[j] + cost)
        previous, current = current, previous
    return previous[-1]


def edit_distance_objective(x, y, gap):
    return edit_distance(x, y, gap) ** 2


def knapsack_values(values, weights, capacity):
    """Fill the best values downwards, so that every item is used once."""
    best = [0.0] * (capacity + 1)
    for i in range(len(values)):
        for room in range(capacity, weights[i] - 1, -1):
            best[room] = max(best[room], best[room - weights[i]] + values[i])
    return best


def knapsack_values_objective(values):
    best = knapsack_values(values, (2, 3, 1, 4), 6)
    return best[-1] ** 2 + best[3]


def hmm_forward(log_start, log_step, log_emit, observed):
    T = len(observed)
    alpha = np.zeros((T, len(log_start)))
    alpha[0] = log_start + log_emit[:, observed[0]]
    for t in range(1, T):
        for j in range(alpha.shape[1]):
            terms = alpha[t - 1] + log_step[:, j]
            top = np.max(terms)
            alpha[t, j] = top + np.log(np.sum(np.exp(terms - top)))
            alpha[t, j] += log_emit[j, observed[t]]
    return alpha


def hmm_forward_objective(log_start, log_step, log_emit):
    alpha = hmm_forward(log_start, log_step, log_emit, [0, 2, 1, 1])
    return np.log(np.sum(np.exp(alpha[-1])))


def viterbi(start, step, emit):
    """Return the best score and trace its path back through the stored choices."""
    T, n = emit.shape
    score = start + emit[0]
    back = np.zeros((T, n), dtype=int)
    for t in range(1, T):
        best = np.empty(n)
        for j in range(n):
            options = score + step[:, j]
            back[t, j] = np.argmax(options)
            best[j] = options[back[t, j]] + emit[t, j]
        score = best
    state = np.argmax(score)
    kept = emit[T - 1, state]
    for t in range(T - 1, 0, -1):
        state = back[t, state]
        kept = kept * emit[t - 1, state]
    return np.max(score), kept


def viterbi_objective(start, step, emit):
    best, kept = viterbi(start, step, emit)
    return best * best + kept


KERNELS = [
    Kernel(
        "floyd-warshall into its argument",
        floyd_warshall_into_argument,
        lambda r: (r.uniform(1, 9, size=(5, 5)),),
        (0,),
    ),
    Kernel(
        "floyd-warshall by loops",
        floyd_warshall_loops_objective,
        lambda r: (r.uniform(1, 9, size=(5, 5)),),
        (0,),
    ),
    Kernel("nussinov", nussinov_objective, lambda r: (r.uniform(0, 1, size=(6, 6)), 0.5), (0, 1)),
    Kernel(
        "soft dynamic time warping",
        soft_dtw,
        lambda r: (r.normal(size=4), r.normal(size=5), 0.7),
        (0, 1, 2),
    ),
    Kernel(
        "edit distance",
        edit_distance_objective,
        lambda r: (r.normal(size=4), r.normal(size=5), 0.6),
        (0, 1, 2),
    ),
    Kernel("knapsack", knapsack_values_objective, lambda r: (r.uniform(1, 2, size=4),), (0,)),
    Kernel(
        "hidden markov forward",
        hmm_forward_objective,
        lambda r: (r.normal(size=3), r.normal(size=(3, 3)), r.normal(size=(3, 3))),
        (0, 1, 2),
    ),
    Kernel(
        "viterbi",
        viterbi_objective,
        lambda r: (r.normal(size=3), r.normal(size=(3, 3)), r.normal(size=(4, 3))),
        (0, 1, 2),
    ),
]
