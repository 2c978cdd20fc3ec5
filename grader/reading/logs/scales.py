"""Decides whether a share was printed as a fraction or in percent, from all values of one name together."""

from collections.abc import Sequence

import msgspec

from grader.reading.logs.records import RATIOS, Epoch, Scale, Split, Value

# No share is larger than 1 as a fraction; a percentage this small would be a network worse than any guess.
LARGEST_FRACTION = 1.0
SMALLEST_PERCENT = 1.5


def settle(values: Sequence[Value]) -> tuple[Value, ...]:
    """The same values, with the scale that all of one name share."""
    known = _scales(values)
    return tuple(
        msgspec.structs.replace(value, scale=known.get((value.metric, value.split), "")) for value in values
    )


def settle_epochs(epochs: Sequence[Epoch]) -> tuple[Epoch, ...]:
    """The same epochs. A value without a split is the training set's where a held-out one is beside it."""
    named = [msgspec.structs.replace(epoch, values=_sides(epoch.values)) for epoch in epochs]
    known = _scales([value for epoch in named for value in epoch.values])
    return tuple(
        msgspec.structs.replace(
            epoch,
            values=tuple(
                msgspec.structs.replace(value, scale=known.get((value.metric, value.split), ""))
                for value in epoch.values
            ),
        )
        for epoch in named
    )


def _sides(values: Sequence[Value]) -> tuple[Value, ...]:
    held_out = {value.metric for value in values if value.split in ("val", "test")}
    trained = {value.metric for value in values if value.split == "train"}
    return tuple(
        msgspec.structs.replace(value, split="train")
        if value.split == "" and value.metric in held_out - trained
        else value
        for value in values
    )


def _scales(values: Sequence[Value]) -> dict[tuple[str, Split], Scale]:
    groups: dict[tuple[str, Split], list[Value]] = {}
    for value in values:
        if value.metric in RATIOS:
            groups.setdefault((value.metric, value.split), []).append(value)
    return {key: _scale(group) for key, group in groups.items()}


def _scale(group: Sequence[Value]) -> Scale:
    highest = max(value.number for value in group)
    if any(value.scale == "percent" for value in group) or SMALLEST_PERCENT < highest <= 100:
        return "percent"
    return "fraction" if highest <= LARGEST_FRACTION else ""
