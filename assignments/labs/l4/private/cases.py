"""What lab 4 is tested on: sequences of different lengths, several layers, a stream in pieces."""

from grader.workers.examining import Case


def weights(rng, inputs, hidden):
    return {
        "W": rng.normal(size=(4 * hidden, inputs)) / inputs**0.5,
        "U": rng.normal(size=(4 * hidden, hidden)) / hidden**0.5,
        "b": rng.normal(size=4 * hidden),
    }


def cases(rng, reference):
    for steps, lengths in ((4, [4, 4, 4]), (6, [6, 2, 4, 1])):
        x = rng.normal(size=(steps, len(lengths), 3))
        given = {"x": x, "forward": weights(rng, 3, 2), "backward": weights(rng, 3, 2), "lengths": lengths}
        label = "all of one length" if len(set(lengths)) == 1 else "of different lengths"
        yield Case(function="blstm", label=label, arguments=given, results=["out"])
        further = {"out": reference.blstm(**given), "lengths": lengths}
        yield Case(function="last_states", label=label, arguments=further, results=["last"])
    for count in (1, 3):
        sizes = [3, *[4] * (count - 1)]
        layers = [{"forward": weights(rng, size, 2), "backward": weights(rng, size, 2)} for size in sizes]
        given = {"x": rng.normal(size=(5, 2, 3)), "layers": layers}
        label = f"{count} layer{'s' * (count > 1)}"
        yield Case(function="deep_blstm", label=label, arguments=given, results=["out", "h_n"])
    for steps, outputs in ((5, 4), (3, 1)):
        x = rng.normal(size=(steps, 2, 3))
        given = {"x": x, "W": rng.normal(size=(outputs, 3)), "b": rng.normal(size=outputs)}
        yield Case(function="time_distributed", label=f"{steps} steps", arguments=given, results=["y"])
    for label, sizes in (("one chunk", (4,)), ("3 chunks", (4, 3, 1))):
        chunks = [rng.normal(size=(steps, 2, 3)) for steps in sizes]
        start = {"h0": rng.normal(size=(2, 5)), "c0": rng.normal(size=(2, 5))}
        given = {"chunks": chunks, **start, **weights(rng, 3, 5)}
        yield Case(function="stateful_run", label=label, arguments=given, results=["out", "h", "c"])
