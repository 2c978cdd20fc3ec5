"""What lab 1 is tested on. Biases and the first state are not zero, and no two sizes are equal."""

from grader.workers.examining import Case

SIZES = {"2 steps": (2, 2, 3, 4), "9 steps, batch of 3": (9, 3, 5, 4), "one step": (1, 4, 2, 3)}


def cases(rng, reference):
    for label, (steps, batch, inputs, hidden) in SIZES.items():
        given = {
            "x": rng.normal(size=(steps, batch, inputs)),
            "h0": rng.normal(size=(batch, hidden)),
            "Wxh": rng.normal(size=(hidden, inputs)) / inputs**0.5,
            "Whh": rng.normal(size=(hidden, hidden)) / hidden**0.5,
            "b": rng.normal(size=hidden),
        }
        yield Case(function="rnn_forward", label=label, arguments=given, results=["h"])
        further = {"h": reference.rnn_forward(**given), "dh": rng.normal(size=(steps, batch, hidden))}
        yield Case(
            function="rnn_backward",
            label=label,
            arguments=given | further,
            results=["dh0", "dWxh", "dWhh", "db"],
        )
