"""A small recurrent network, trained to predict the next letter of the Zen of Python."""

import numpy as np

from s2s_grad import value_and_grad


def loss(params, letters, targets):
    """Return the mean cross-entropy of the next letter; `letters` are one-hot rows."""
    h = np.zeros(params["b"].shape[0])
    total = 0.0
    for letter, target in zip(letters, targets):  # noqa: B905
        # the state remembers what was read
        h = np.tanh(params["W"] @ h + params["U"] @ letter + params["b"])
        scores = params["V"] @ h + params["c"]
        top = np.max(scores)
        total = total + top + np.log(np.sum(np.exp(scores - top))) - scores @ target
    return total / len(letters)


def sequence():
    """Return the Zen of Python as one-hot rows, and its alphabet."""
    import codecs
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        import this
    text = codecs.decode(this.s, "rot13").lower()[:400]
    alphabet = sorted(set(text))
    places = np.array([alphabet.index(c) for c in text])
    return np.eye(len(alphabet))[places], alphabet


def main() -> None:
    """Train by gradient descent with momentum and print the falling loss."""
    rows, alphabet = sequence()
    letters, targets = rows[:-1], rows[1:]
    random = np.random.default_rng(0)
    n, k = 32, len(alphabet)
    params = {
        "W": 0.3 * random.normal(size=(n, n)) / np.sqrt(n),
        "U": 0.5 * random.normal(size=(n, k)),
        "V": 0.3 * random.normal(size=(k, n)),
        "b": np.zeros(n),
        "c": np.zeros(k),
    }
    objective = value_and_grad(loss)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    first = last = 0.0
    for step in range(200):
        last, gradient = objective(params, letters, targets)
        first = first or last
        norm = np.sqrt(sum(np.sum(g * g) for g in gradient.values()))
        for name, g in gradient.items():
            velocity[name] = 0.9 * velocity[name] - 0.1 * g / max(1.0, norm)
            params[name] = params[name] + velocity[name]
        if step % 50 == 0:
            print(f"step {step:3d}   loss {last:.4f}")
    print(f"loss fell from {first:.4f} to {last:.4f}\n")
    assert last < 0.75 * first
    print(objective.source)


if __name__ == "__main__":
    main()
