"""What lab 3 is tested on. No bias, peephole or first state is zero, gates differ, steps are several."""

import numpy as np

from grader.workers.examining import Case


def weights(rng, inputs, hidden):
    return {
        "W": rng.normal(size=(4 * hidden, inputs)),
        "U": rng.normal(size=(4 * hidden, hidden)),
        "b": rng.normal(size=4 * hidden),
    }


def cases(rng, reference):
    for batch, inputs, hidden in ((2, 3, 4), (5, 4, 2)):
        given = {
            "x": rng.normal(size=(batch, inputs)),
            "h": rng.normal(size=(batch, hidden)),
            "c": rng.normal(size=(batch, hidden)),
            **weights(rng, inputs, hidden),
        }
        yield Case(function="lstm_step", label=f"batch of {batch}", arguments=given, results=["h", "c"])
    for steps, batch, inputs, hidden in ((3, 2, 3, 4), (6, 3, 2, 5)):
        given = {
            "x": rng.normal(size=(steps, batch, inputs)),
            "h0": rng.normal(size=(batch, hidden)),
            "c0": rng.normal(size=(batch, hidden)),
            **weights(rng, inputs, hidden),
            **{name: rng.normal(size=hidden) for name in ("p_i", "p_f", "p_o")},
        }
        label = f"{steps} steps, batch of {batch}"
        yield Case(function="lstm_peephole", label=label, arguments=given, results=["h", "c"])
    remember = np.repeat([-60.0, 60.0, 0.0, 0.0], hidden)
    closed = {**given, "b": given["b"] + remember, **{p: 0.1 * given[p] for p in ("p_i", "p_f", "p_o")}}
    yield Case(function="lstm_peephole", label="f = 1 and i = 0", arguments=closed, results=["h", "c"])
    for inputs, hidden, peepholes in ((3, 4, False), (3, 4, True), (7, 2, True)):
        given = {"inputs": inputs, "hidden": hidden, "peepholes": peepholes}
        label = "with peepholes" if peepholes else "without peepholes"
        yield Case(function="parameter_count", label=label, arguments=given, results=["count"])
