"""Logistic regression on the Wisconsin breast-cancer data, with SciPy's L-BFGS-B."""

import numpy as np

from s2s_grad import value_and_grad


def loss(w, b, x, y, penalty):
    """Return the penalised negative log-likelihood of labels `y` in {0, 1}."""
    # logits of each sample
    z = x @ w + b
    # log(1 + exp(z)) - y z, without overflow
    likelihood = np.logaddexp(0.0, z) - y * z
    return np.sum(likelihood) + 0.5 * penalty * np.sum(w * w)


def main() -> None:
    """Fit the data, and compare with scikit-learn at the same penalty."""
    from scipy.optimize import minimize
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression

    data = load_breast_cancer()
    x = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    y = data.target.astype(float)
    penalty = 1.0
    objective = value_and_grad(loss, wrt=("w", "b"))

    def packed(theta):
        value, (dw, db) = objective(theta[:-1], float(theta[-1]), x, y, penalty)
        return value, np.append(dw, db)

    start = np.zeros(x.shape[1] + 1)
    fit = minimize(
        packed, start, jac=True, method="L-BFGS-B", options={"gtol": 1e-8, "ftol": 1e-14}
    )
    w, b = fit.x[:-1], fit.x[-1]
    accuracy = np.mean((x @ w + b > 0) == (y == 1))
    peer = LogisticRegression(C=1.0 / penalty, tol=1e-10, max_iter=10_000).fit(x, y)
    distance = np.max(np.abs(np.append(peer.coef_[0] - w, peer.intercept_ - b)))
    print(objective.source)
    print(f"loss {fit.fun:.6f} after {fit.nit} iterations, accuracy {accuracy:.4f}")
    print(f"largest difference from scikit-learn's coefficients: {distance:.1e}")
    assert distance < 1e-3


if __name__ == "__main__":
    main()
