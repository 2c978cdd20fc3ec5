"""Looks through an ONNX file before anything else opens it, and takes its tensors out.

onnx.proto numbers the fields. A network that predicts classes needs no loops, no functions, no other file,
and no operators outside OPERATORS. What is left may still ask for more time or memory than there is: the
sandbox ends it.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import torch
from msgspec import Struct
from torch import Tensor

from grader.workers.parts import protobuf, refusal
from grader.workers.parts.protobuf import Message
from grader.workers.parts.refusal import Refused

LARGEST = 600 << 20  # bytes
NODES = 20_000
ATTRIBUTES = 64  # of one node
BATCH = 256  # images that a graph may want at once
OUTER = ("", "ai.onnx")  # the names of the standard set of operators
HINT = "export the declared network, into one file, with torch.onnx.export; or hand in safetensors"

# The fields of each message that are read here, by number.
GRAPH, FUNCTIONS, TRAINING = 7, 25, 20  # of a model
NODE, INITIALIZER, INPUT, OUTPUT, SPARSE = 1, 5, 11, 12, 15  # of a graph
TAKEN, MADE, OPERATOR, ATTRIBUTE, DOMAIN = 1, 2, 4, 5, 7  # of a node; the first two name its values
TENSOR_OF_ATTRIBUTE, TENSORS_OF_ATTRIBUTE = 5, 10
DEEPER = (6, 11, 14, 15, 22, 23)  # of an attribute: graphs, types and sparse tensors
DIMS, KIND, NAME, EXTERNAL, LOCATION, RAW = 1, 2, 8, 13, 14, 9  # of a tensor
TYPED = {4: 4, 5: None, 7: None, 10: 8, 11: None}  # of a tensor: its values one by one, in so many bytes
VALUE_NAME, VALUE_TYPE, TENSOR_TYPE, ELEMENT, SHAPE, DIMENSION, SIZE = 1, 2, 1, 1, 2, 1, 1  # of an input

FLOAT = 1
# TensorProto.DataType -> bytes and torch's type; text, complex and 8-bit floats are none that we take.
KINDS = {
    1: (4, torch.float32), 2: (1, torch.uint8), 3: (1, torch.int8), 5: (2, torch.int16), 6: (4, torch.int32),
    7: (8, torch.int64), 9: (1, torch.bool), 10: (2, torch.float16), 11: (8, torch.float64),
    16: (2, torch.bfloat16),
}  # fmt: skip

OPERATORS = frozenset(
    "Abs Add And ArgMax AveragePool BatchNormalization Cast CastLike Ceil Clip Concat Constant "
    "ConstantOfShape Conv DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor Gather "
    "GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual "
    "GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization "
    "LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization MatMul Max MaxPool Min Mish Mod Mul Neg "
    "Not Or PRelu Pad Pow Range Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
    "Relu Reshape Resize Round ScatterElements ScatterND Selu Shape Sigmoid Sign Size Slice Softmax "
    "Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tanh ThresholdedRelu Tile "
    "Transpose Trilu Unsqueeze Where".split()
)


class Graph(Struct, frozen=True):
    """What may be run. Sides are 0 where the file leaves them open; `last` is what makes the output."""

    content: bytes
    input: str
    sides: tuple[int, ...]
    last: str
    initializers: dict[str, Message]

    def tensor(self, name: str) -> Tensor | None:
        """A tensor of the file; None where its values stand one by one, which exporters do for small ones."""
        message = self.initializers[name]
        raw = message.content(RAW)
        if not raw:
            return None
        shape = message.integers(DIMS)
        return torch.frombuffer(bytearray(raw), dtype=KINDS[message.integer(KIND)][1]).reshape(shape)


def read(path: str) -> Graph:
    """The graph of the file. Raises Refused."""
    size = Path(path).stat().st_size
    if size > LARGEST:
        raise Refused(f"has {size:,} bytes, more than the {LARGEST:,} that are read", HINT)
    content = Path(path).read_bytes()
    try:
        return _graph(content)
    except protobuf.Malformed:
        raise Refused("is not a whole ONNX file", HINT) from None


def _graph(content: bytes) -> Graph:
    model = Message(memoryview(content))
    graph = model.message(GRAPH)
    if model.has(FUNCTIONS, TRAINING) or graph.has(SPARSE):
        raise Refused("is an ONNX file with functions, training steps or sparse tensors", HINT)
    nodes = list(_nodes(graph))
    for node in nodes:
        _require_plain(node)
    initializers = {tensor.text(NAME): tensor for tensor in graph.messages(INITIALIZER)}
    for name, tensor in initializers.items():
        _require_whole(tensor, name)
    inputs = [each for each in graph.messages(INPUT) if each.text(VALUE_NAME) not in initializers]
    outputs = [each.text(VALUE_NAME) for each in graph.messages(OUTPUT)]
    if len(inputs) != 1 or len(outputs) != 1:
        counts = f"{len(inputs)} inputs and {len(outputs)} outputs"
        raise Refused(f"is a graph with {counts}, expected one of each", HINT)
    last = [node.text(OPERATOR) for node in nodes if outputs[0].encode() in node.contents(MADE)]
    _add_copies(initializers, nodes)
    sides = _image_sides(inputs[0])
    return Graph(content, inputs[0].text(VALUE_NAME), sides, "".join(last), initializers)


def _add_copies(initializers: dict[str, Message], nodes: list[Message]) -> None:
    """Exporters store equal tensors once; an Identity then gives the others their names."""
    for node in nodes:
        names = [str(name, "utf-8", "replace") for field in (TAKEN, MADE) for name in node.contents(field)]
        if node.text(OPERATOR) == "Identity" and len(names) == 2 and names[0] in initializers:
            initializers.setdefault(names[1], initializers[names[0]])


def _nodes(graph: Message) -> Iterator[Message]:
    count = len(graph.contents(NODE))
    if not 0 < count <= NODES:
        raise Refused(f"is a graph of {count:,} operators, expected 1 to {NODES:,}", HINT)
    return graph.messages(NODE)


def _require_plain(node: Message) -> None:
    domain, operator = node.text(DOMAIN), node.text(OPERATOR)
    if domain not in OUTER or operator not in OPERATORS:
        name = refusal.shown(f"{domain}.{operator}".strip("."))
        raise Refused(f"is a graph with the operator {name}, which no classifier needs", HINT)
    attributes = list(node.messages(ATTRIBUTE))
    if len(attributes) > ATTRIBUTES or any(attribute.has(*DEEPER) for attribute in attributes):
        raise Refused(f"is a graph with another graph inside its {refusal.shown(operator)}", HINT)
    for attribute in attributes:
        for tensor in [*attribute.messages(TENSOR_OF_ATTRIBUTE), *attribute.messages(TENSORS_OF_ATTRIBUTE)]:
            _require_whole(tensor, operator)


def _require_whole(tensor: Message, name: str) -> None:
    """A tensor says its shape and holds that many bytes: none may lie elsewhere, or nowhere."""
    if tensor.has(EXTERNAL, LOCATION):
        raise Refused(
            "keeps tensors in another file, which is never opened",
            "export it in one file: torch.onnx.export(..., external_data=False)",
        )
    kind, shape = tensor.integer(KIND), tensor.integers(DIMS)
    if kind not in KINDS:
        raise Refused(f"holds {refusal.shown(name)} of a type (number {kind}) that no weight has", HINT)
    count = math.prod(shape)
    if len(shape) > 8 or any(side < 0 for side in shape) or not _holds(tensor, count, KINDS[kind][0]):
        sides = refusal.shape(tuple(shape))
        raise Refused(f"says that {refusal.shown(name)} is {sides}, and holds another number of values", HINT)


def _holds(tensor: Message, count: int, width: int) -> bool:
    """Whether there are values for `count` numbers of `width` bytes, raw or one by one."""
    if tensor.has(RAW):
        return len(tensor.content(RAW)) == count * width
    for field, each in TYPED.items():
        if tensor.has(field):
            found = sum(map(len, tensor.contents(field))) // each if each else len(tensor.integers(field))
            return found == count
    return count == 0


def _image_sides(value: Message) -> tuple[int, ...]:
    """[n, 3, height, width] of the input; 0 is a side that the file leaves open."""
    kind = value.message(VALUE_TYPE).message(TENSOR_TYPE)
    sides = tuple(side.integer(SIZE) for side in kind.message(SHAPE).messages(DIMENSION))
    fits = len(sides) == 4 and sides[1] in (0, 3) and 0 <= sides[0] <= BATCH
    if kind.integer(ELEMENT) != FLOAT or not fits:
        raise Refused(
            f"takes an input of {refusal.shape(sides)}, expected float32 images [n, 3, height, width]", HINT
        )
    return sides
