"""Which GPU a sandboxed process is given."""

import pytest

from grader.sandbox import devices


@pytest.mark.parametrize(("ours", "given"), [(None, "0"), ("2,3", "2"), ("GPU-8f1c", "GPU-8f1c"), ("", "")])
def test_a_process_is_given_the_first_gpu_that_was_given_to_us(
    monkeypatch: pytest.MonkeyPatch, ours: str | None, given: str
) -> None:
    """A scheduler such as Ray gives each of its workers its own, or none."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if ours is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ours)
    assert devices.environment(None)["CUDA_VISIBLE_DEVICES"] == given
