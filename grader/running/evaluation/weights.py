"""Where the published tensors of a network are: the instructor's folder, the cache, or the network."""

import re
from pathlib import Path

from grader.contract import Contract
from grader.ground.errors import NotMeasured
from grader.running.evaluation.inputs import KERAS
from grader.submission import Surroundings
from grader.workers import asking
from grader.workers.messages import Fetched, FetchWeights

DOWNLOAD_SECONDS = 1800
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def pretrained(declared: Contract, folder: Path | None, cache: Path) -> Path:
    """The file with the public tensors: from the instructor's folder, the cache, or fetched into the cache.

    Raises:
        NotMeasured: there is none, and it cannot be fetched.
    """
    model, name = declared.model, _name(declared)
    at_hand = _at_hand(name, folder, cache)
    if at_hand:
        return at_hand
    path = (cache / "weights" / name).absolute()
    request = FetchWeights(model.library, model.backbone, model.weights, str(path))
    asking.ask_with_network("fetch_weights", request, Fetched, DOWNLOAD_SECONDS)
    return path


def where_needed(declared: Contract, surroundings: Surroundings) -> Path | None:
    """None where there is none and the checkpoints are whole: those of Keras. Raises NotMeasured."""
    try:
        return pretrained(declared, surroundings.weights, surroundings.cache)
    except NotMeasured:
        if declared.model.library != KERAS:
            raise
        return None


def are_missing(declared: Contract, surroundings: Surroundings) -> bool:
    """Whether an evaluation has to do without: another one, with them, would say more."""
    if declared.model.library != KERAS:
        return False
    return not _at_hand(_name(declared), surroundings.weights, surroundings.cache)


def _name(declared: Contract) -> str:
    model = declared.model
    name = f"{model.library}-{model.backbone}-{model.weights}.safetensors"
    if not FILE_NAME.fullmatch(name):
        raise NotMeasured(f"{name[:120]!r} is no name of pretrained weights")
    return name


def _at_hand(name: str, folder: Path | None, cache: Path) -> Path | None:
    paths = (folder / name if folder else None, cache / "weights" / name)
    return next((path for path in paths if path and path.is_file()), None)
