"""Means, standard deviations and sizes behind expressions: written down, or published with the weights."""

import ast

from grader.ground.reference import Triple
from grader.reading.programs import UNKNOWN, Reader, called

IMAGENET: tuple[Triple, Triple] = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES: tuple[Triple, Triple] = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
PUBLISHED = {  # constants of libraries, under their own names
    "IMAGENET_DEFAULT_MEAN": IMAGENET[0],
    "IMAGENET_DEFAULT_STD": IMAGENET[1],
    "IMAGENET_STANDARD_MEAN": HALVES[0],  # of transformers
    "IMAGENET_STANDARD_STD": HALVES[1],
    "IMAGENET_INCEPTION_MEAN": HALVES[0],
    "IMAGENET_INCEPTION_STD": HALVES[1],
    "OPENAI_CLIP_MEAN": (0.48145466, 0.4578275, 0.40821073),
    "OPENAI_CLIP_STD": (0.26862954, 0.26130258, 0.27577711),
}
PAIRS = {  # of fastai
    "imagenet_stats": IMAGENET,
    "mnist_stats": ((0.131, 0.131, 0.131), (0.308, 0.308, 0.308)),
    "cifar_stats": ((0.491, 0.482, 0.447), (0.247, 0.243, 0.261)),
}
STATISTICS = {"mean", "std", "image_mean", "image_std"}
OF_WEIGHTS = {"transforms", "resolve_data_config", "resolve_model_data_config", "get_pretrained_cfg"}
CONFIGURATIONS = {"default_cfg", "pretrained_cfg", "data_config", "transforms"}
PROCESSORS = ("ImageProcessor", "FeatureExtractor", "AutoProcessor")
SMALLEST, LARGEST = 1e-9, 1e9  # of a mean or a std, in whatever unit
WRAPPERS = ("tuple", "list", "array", "tensor", "to_dict", "asdict", "vars")


def triple(reader: Reader, node: ast.expr | None) -> Triple | None:
    """Three numbers (one counts for all colours); None where reading cannot tell, or branches differ."""
    found = {_triple(reader, each) for each in _alternatives(reader, node)}
    return found.pop() if len(found) == 1 else None


def pair(reader: Reader, node: ast.expr) -> tuple[Triple, Triple] | None:
    """A mean and a std in one tuple: `imagenet_stats`, `(MEAN, STD)`."""
    if isinstance(node, ast.Name) and node.id in PAIRS and reader.expression(node) is node:
        return PAIRS[node.id]
    made = reader.made(node)
    elements = made.elts if isinstance(made, ast.Tuple | ast.List) and len(made.elts) == 2 else []
    found = [triple(reader, each) for each in elements]
    return (found[0], found[1]) if found and found[0] and found[1] else None


def is_published(reader: Reader, node: ast.expr | None) -> bool:
    """`preset.mean` of `weights.transforms()`, `config["std"]` of timm, `processor.image_mean`."""
    for _ in range(6):
        node = _unwrapped(reader.made(node)) if node is not None else None
        match node:
            case ast.Attribute(value=owner, attr=name) if name in STATISTICS:
                return _is_of_weights(reader, owner)
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key)) if key in STATISTICS:
                return _is_of_weights(reader, owner)
    return False


def size(reader: Reader, node: ast.expr | None) -> tuple[int, bool]:
    """One side in pixels, and whether both sides were given; 0 where reading cannot tell or sides differ."""
    value = reader.value(node)
    if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value[:2]):
        return (value[0] if len(set(value[:2])) == 1 else 0), len(value) > 1
    return (
        (value, False)
        if isinstance(value, int)
        else (0, isinstance(_made(reader, node), ast.Tuple | ast.List))
    )


def _made(reader: Reader, node: ast.expr | None) -> ast.expr | None:
    made = reader.expression(node) if node is not None else None
    several = isinstance(made, ast.Tuple | ast.List) and len(made.elts) > 1
    return made if several else None


def _alternatives(reader: Reader, node: ast.expr | None) -> tuple[ast.expr, ...]:
    if node is None:
        return ()
    made = reader.expression(node)
    if isinstance(made, ast.IfExp):
        return (made.body, made.orelse)
    several = reader.alternatives(node)
    return several if len(several) > 1 else (node,)


def _triple(reader: Reader, node: ast.expr) -> Triple | None:
    value = _library_constant(reader, node) or reader.value(node)
    if value is UNKNOWN:
        value = reader.value(reader.made(node))
    several = value if isinstance(value, tuple) else (value,)
    if len(several) not in (1, 3) or not all(_is_number(each) for each in several):
        return None
    first, second, third = several * (3 // len(several))
    return float(first), float(second), float(third)


def _library_constant(reader: Reader, node: ast.expr) -> Triple | None:
    last = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return PUBLISHED.get(reader.dotted(node).rpartition(".")[2]) or PUBLISHED.get(last)


def _is_of_weights(reader: Reader, owner: ast.expr) -> bool:
    made = _unwrapped(reader.made(owner))
    if isinstance(made, ast.Attribute):
        return made.attr in CONFIGURATIONS
    if not isinstance(made, ast.Call):
        return False
    if called(made) == "from_pretrained":
        return any(word in ast.unparse(made.func) for word in PROCESSORS)
    return called(made) in OF_WEIGHTS


def _unwrapped(node: ast.expr) -> ast.expr:
    """`tuple(preset.mean)` is `preset.mean`."""
    while isinstance(node, ast.Call) and called(node) in WRAPPERS:
        method = node.func.value if isinstance(node.func, ast.Attribute) else None
        inner = node.args[0] if node.args else method
        if inner is None:
            break
        node = inner
    return node


def _is_number(value: object) -> bool:
    """Finite, and so is one divided by it."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return value == 0 or SMALLEST < abs(value) < LARGEST
