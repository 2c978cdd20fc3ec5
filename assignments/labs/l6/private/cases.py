"""What lab 6 is tested on. Of the settings of windows, some end exactly and some do not."""

from grader.workers.examining import Case

WINDOWS = (
    (20, 5, 1, 1),
    (20, 5, 2, 1),
    (20, 5, 7, 1),
    (20, 5, 5, 1),
    (12, 3, 2, 3),
    (6, 5, 1, 1),
    (5, 5, 1, 1),
)


def cases(rng, reference):
    for steps, k in ((7, 3), (6, 2), (4, 9)):
        given = {
            "x": rng.normal(size=(steps, 2, 3)),
            "h0": rng.normal(size=(2, 4)),
            "Wxh": rng.normal(size=(4, 3)) / 2,
            "Whh": rng.normal(size=(4, 4)) / 2,
            "b": rng.normal(size=4),
            "dh": rng.normal(size=(steps, 2, 4)),
            "k": k,
        }
        label = f"{steps} steps, k = {k}"
        results = ["loss", "dWxh", "dWhh", "db"]
        yield Case(function="tbptt_gradients", label=label, arguments=given, results=results)
    for N, m, s, h in WINDOWS:
        given = {"N": N, "m": m, "s": s, "h": h}
        label = f"N, m, s, h = {N}, {m}, {s}, {h}"
        yield Case(function="windows", label=label, arguments=given, results=["starts", "targets"])
    for keep_last in (True, False):
        sizes = {"m": 5, "s": 2, "h": 1, "b": 3}
        given = {"x": rng.normal(size=(20, 3)), "targets": [2, 0], **sizes, "keep_last": keep_last}
        label = "the rest kept" if keep_last else "the rest left out"
        yield Case(function="minibatches", label=label, arguments=given, results=["batches"])
    sizes = {"m": 4, "s": 3, "h": 2, "b": 5}  # five windows
    given = {"x": rng.normal(size=(20, 3)), "targets": [1], **sizes, "keep_last": False}
    yield Case(function="minibatches", label="no rest, h = 2", arguments=given, results=["batches"])
    for length, m, b in ((24, 4, 2), (29, 3, 4)):
        given = {"x": rng.normal(size=(length, 2)), "m": m, "b": b}
        label = f"{length} numbers, m = {m}, b = {b}"
        yield Case(function="stateful_batches", label=label, arguments=given, results=["batches"])
