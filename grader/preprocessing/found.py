"""How a submission without contract prepares its images: whatever its programs say."""

import ast
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.preprocessing import backbones, comparing
from grader.preprocessing.affine import Affine
from grader.preprocessing.backbones import Backbone
from grader.preprocessing.comparing import Judged
from grader.preprocessing.pipelines import TABLE, Chain, keras_data
from grader.programs import Reader, read, unread
from grader.programs import programs as grouped
from grader.programs.bindings import called
from grader.submission import Submission

TRAINS = (
    "fit", "fit_generator", "fit_one_cycle", "fine_tune", "backward", "fit_flat_cos", "train_on_batch",
    "apply_gradients",
)  # fmt: skip
SCALERS = ("normalize", "preprocess_input", "per_image_standardization", "convert_image_dtype", "Rescaling")
UNTOUCHED = (Affine(), Affine().times(1 / 255))
NETWORKS = r"torch|keras|tensorflow|timm|fastai|PIL|cv2"
KEPT = 40


class Found(Struct, frozen=True, kw_only=True):
    """`trains`: places of calls that train. `unread` could hold more: not there, not Python, or too large."""

    looked_at: int
    ways: tuple[Judged, ...] = ()
    pretrained: tuple[str, ...] = ()
    trains: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def decisive(self) -> tuple[Judged, ...]:
        """Those of the programs that train, where any of them does."""
        return tuple(way for way in self.ways if way.trains) or self.ways


def find(submission: Submission) -> Found:
    sources = submission.once(read)
    ways: list[Judged] = []
    pretrained: list[str] = []
    trains: list[str] = []
    for program in grouped(sources):
        reader = Reader(program)
        networks = backbones.find(reader)
        places = training(reader)
        trains += places
        pretrained += [_named(each) for each in networks if each.pretrained]
        if any(network.pretrained for network in networks):
            chains = [chain for idiom in TABLE for chain in idiom(reader)]
            ways += comparing.judge(networks, _certain(reader, chains), bool(places))
    return Found(
        ways=tuple(dict.fromkeys(ways))[:KEPT],
        pretrained=tuple(pretrained[:KEPT]),
        trains=tuple(trains[:KEPT]),
        unread=unread(sources, NETWORKS),
        looked_at=len(sources),
    )


def _certain(reader: Reader, chains: Sequence[Chain]) -> list[Chain]:
    """Without those that leave values as they are while code that no idiom explains may change them."""
    if any(chain.role == "model" for chain in chains) or not _scales_elsewhere(reader, chains):
        return list(chains)
    return [
        replace(chain, values=None) if chain.framework and chain.values in UNTOUCHED else chain
        for chain in chains
    ]


def _scales_elsewhere(reader: Reader, chains: Sequence[Chain]) -> bool:
    explained = {chain.where for chain in chains if chain.values not in UNTOUCHED}
    return (
        any(
            called(call) in SCALERS
            and reader.place(call) not in explained
            and not keras_data.is_shown(reader, call)
            for call in reader.calls()
        )
        and not explained
    )


def training(reader: Reader) -> list[str]:
    """Where the program trains a network. `fit` of an encoder or a scaler has no such arguments."""
    return [reader.place(call) for call in reader.calls() if _trains(call)]


def _trains(call: ast.Call) -> bool:
    name = called(call)
    return name in TRAINS and (name != "fit" or bool(call.keywords) or len(call.args) > 1)


def _named(network: Backbone) -> str:
    return f"{network.library} {network.shown} ({network.where})"
