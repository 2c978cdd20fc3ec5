"""Lab 2 beside Jacobians by autograd, singular values of PyTorch, and `clip_grad_norm_`."""

import numpy as np
import pytest
import torch

from tests.running.labs.references.conftest import close, load, tensor

l2 = load("l2")

# steps, hidden, largest singular value of Whh
settings = pytest.mark.parametrize(
    ("steps", "hidden", "largest"), [(1, 1, 0.5), (1, 4, 2.0), (6, 3, 0.9), (5, 6, 3.0), (12, 2, 1.0)]
)


@settings
def test_norms_and_bounds(rng: np.random.Generator, steps: int, hidden: int, largest: float) -> None:
    Whh = rng.normal(size=(hidden, hidden))
    Whh *= largest / np.linalg.svd(Whh)[1].max()
    given = {"Whh": Whh, "xs": rng.normal(size=(steps, hidden)), "h0": rng.normal(size=hidden)}
    norms, (tight, loose) = l2.state_jacobian_norms(**given), l2.pascanu_bound(**given)

    W, xs, h0 = (tensor(given[name]) for name in ("Whh", "xs", "h0"))

    def states(h: torch.Tensor) -> torch.Tensor:
        found = []
        for x in xs:
            h = torch.tanh(x + W.mv(h))
            found.append(h)
        return torch.stack(found)

    jacobians = torch.autograd.functional.jacobian(states, h0)  # (T, H, H)
    close(norms, torch.linalg.svdvals(jacobians)[:, 0])
    close(loose, tensor([largest**t for t in range(1, steps + 1)]))
    slopes = [float((1 - h**2).max()) for h in states(h0)]
    close(tight, tensor([np.prod([m * largest for m in slopes[:t]]) for t in range(1, steps + 1)]))

    slack = 1 + 1e-12  # both sides are equal where there is one unit
    assert (norms <= tight * slack).all()
    assert (tight <= loose * slack).all()


def test_eigenvalues_of_zero_stretch() -> None:
    """All states are zero and all slopes 1, so the Jacobians are Whh and its square, which is zero."""
    given = {"Whh": np.array([[0.0, 2.0], [0.0, 0.0]]), "xs": np.zeros((2, 2)), "h0": np.zeros(2)}
    assert l2.state_jacobian_norms(**given).tolist() == [2, 0]
    tight, loose = l2.pascanu_bound(**given)
    assert tight.tolist() == loose.tolist() == [2, 4]


@pytest.mark.parametrize("share", [0.1, 0.9, 1.5])
def test_clipping_is_that_of_torch_without_its_epsilon(rng: np.random.Generator, share: float) -> None:
    gradients = [rng.normal(size=shape) for shape in ((4, 3), (5,), (1, 2, 2), ())]
    parameters = [torch.zeros(np.shape(each), dtype=torch.float64) for each in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = tensor(gradient)
    norm = float(torch.nn.utils.get_total_norm([tensor(each) for each in gradients]))
    limit = share * norm
    before = torch.nn.utils.clip_grad_norm_(parameters, limit)

    clipped, found = l2.clip_by_global_norm(gradients=gradients, limit=limit)
    close(found, before)
    epsilon = (norm + 1e-6) / norm if share < 1 else 1.0
    for ours, parameter in zip(clipped, parameters, strict=True):
        assert parameter.grad is not None
        close(ours, parameter.grad * epsilon)
    after = torch.nn.utils.get_total_norm([tensor(each) for each in clipped])
    assert float(after) == pytest.approx(min(limit, norm), rel=1e-12)


def test_clipping_by_hand() -> None:
    gradients = [np.array([3.0]), np.array([[0.0], [4.0]])]
    clipped, norm = l2.clip_by_global_norm(gradients=gradients, limit=1.0)
    assert norm == 5
    assert np.concatenate([each.ravel() for each in clipped]) == pytest.approx([0.6, 0.0, 0.8])
    same, _ = l2.clip_by_global_norm(gradients=gradients, limit=5.0)  # no larger than the limit
    assert [each.tolist() for each in same] == [[3.0], [[0.0], [4.0]]]
    zeros, norm = l2.clip_by_global_norm(gradients=[np.zeros(2)], limit=1.0)
    assert norm == 0
    assert zeros[0].tolist() == [0, 0]
