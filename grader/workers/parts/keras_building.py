"""Builds a network of Keras from its config, layer by layer, without Keras' own loader of configs.

A part is a layer, or a network inside of a network with parts of its own. What is built is bounded before
any memory is asked for.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras

from grader.workers.parts import keras_config, keras_layers, refusal
from grader.workers.parts.keras_file import HINT
from grader.workers.parts.refusal import NotBuilt, Refused

NETWORKS = ("Functional", "Sequential", "Model")
LAYERS = 4000
VALUES = 160_000_000  # that a network learns: 640 MB
OUTPUTS = 32 << 20  # numbers that a layer gives for one image: 128 MB
FAILURES = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RuntimeError,
            NotImplementedError, AssertionError)  # fmt: skip


class Part(NamedTuple):
    """`kind` and `name` as the config says them; `parts` in the order in which Keras saves them."""

    kind: str
    name: str
    layer: keras.Layer
    parts: tuple["Part", ...] = ()

    def leaves(self) -> Iterator["Part"]:
        """The layers with tensors, in the network's order."""
        for part in self.parts:
            yield from part.leaves()
        if not self.parts and self.layer.weights:
            yield self


class Budget:
    """What a network may still ask for. Raises Refused where it asks for more."""

    def __init__(self) -> None:
        self._layers = LAYERS
        self._values = VALUES

    def spend(self, values: int) -> None:
        self._layers -= 1
        self._values -= values
        if self._layers < 0:
            raise Refused(f"has more than {LAYERS} layers")
        if self._values < 0:
            raise Refused(
                f"declares more than {VALUES:,} values to learn, which is no network of this course"
            )


def build(entry: Any, sides: tuple[int, int]) -> Part:
    """The whole network for images of these sides. Raises Refused."""
    if keras_config.kind(entry) not in NETWORKS:
        raise Refused(f"is no network of plain layers but a {refusal.shown(keras_config.kind(entry))}", HINT)
    try:
        return _network(entry, (*sides, 3), Budget(), 0)
    except FAILURES as error:
        raise unbuilt("network", error) from None


def _network(entry: Any, shape: tuple[int, ...], budget: Budget, depth: int) -> Part:
    if depth > keras_config.DEPTH:
        raise Refused(f"holds networks in networks, more than {keras_config.DEPTH} deep")
    config = keras_config.dictionary(entry.get("config"))
    layers = config.get("layers")
    if not isinstance(layers, list) or not layers or not all(isinstance(each, dict) for each in layers):
        raise Refused("holds a network without layers", HINT)
    given = keras.Input(shape)
    wiring = _sequence if keras_config.kind(entry) == "Sequential" else _graph
    made: list[Part] = []
    output = wiring(config, given, made, (budget, depth))
    try:
        model = keras.Model(given, output)
    except FAILURES as error:
        raise unbuilt("network", error) from None
    place = {id(layer): number for number, layer in enumerate(model.layers)}
    parts = [part for part in made if id(part.layer) in place]
    parts.sort(key=lambda part: place[id(part.layer)])
    return Part(keras_config.kind(entry), keras_config.name(entry), model, tuple(parts))


def _sequence(config: Mapping[str, Any], given: Any, made: list[Part], bounds: tuple[Budget, int]) -> Any:
    """Layer after layer."""
    for entry in config["layers"]:
        if keras_config.kind(entry) != "InputLayer":
            given = _apply(entry, [given], made, bounds)
    return given


def _graph(config: Mapping[str, Any], given: Any, made: list[Part], bounds: tuple[Budget, int]) -> Any:
    """Each layer after those that it names, with one output for the whole."""
    outputs: dict[str, Any] = {}
    for entry in config["layers"]:
        name = keras_config.name(entry)
        if name in outputs:
            raise Refused(f"has two layers called {refusal.shown(name)}")
        if keras_config.kind(entry) == "InputLayer":
            outputs[name] = given
        else:
            outputs[name] = _apply(entry, keras_config.inputs(entry, outputs), made, bounds)
    ends = [keras_config.only(config.get(key)) for key in ("input_layers", "output_layers")]
    if any(end not in outputs for end in ends) or outputs[ends[0]] is not given:
        raise NotBuilt("has another number of inputs or outputs than one, which is not built here", HINT)
    return outputs[ends[1]]


def _apply(entry: Any, inputs: Sequence[Any], made: list[Part], bounds: tuple[Budget, int]) -> Any:
    """What the layer makes of its inputs, added to those that are `made`. Raises Refused."""
    budget, depth = bounds
    kind, config = keras_config.kind(entry), keras_config.dictionary(entry.get("config"))
    try:
        if keras_config.is_operator(entry):
            budget.spend(0)
            output = keras_layers.OPERATORS[kind](*inputs)
        else:
            given = list(inputs) if len(inputs) > 1 else inputs[0]
            shape = inputs[0].shape[1:]
            if kind in NETWORKS:
                part = _network(entry, shape, budget, depth + 1)
            else:
                layer = keras_layers.made(kind, config)
                wanted = {} if kind in keras_layers.TRAINING_ONLY else keras_layers.arguments(kind, config)
                budget.spend(keras_layers.values(kind, wanted, shape[-1]))
                part = Part(kind, keras_config.name(entry), layer)
            output = part.layer(given)
            made.append(part)
        if math.prod(output.shape[1:]) > OUTPUTS:
            raise Refused(f"has a {kind} that gives {refusal.shape(output.shape[1:])} numbers for one image")
    except FAILURES as error:
        raise unbuilt(kind, error) from None
    return output


def unbuilt(kind: str, error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    told = refusal.shown(str(error).partition("\n")[0])
    return Refused(f"has a {refusal.shown(kind)} that Keras does not build: {told}", HINT)
