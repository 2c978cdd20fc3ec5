"""What an evaluation says, and about what: plain data that is kept."""

from collections.abc import Sequence

from msgspec import Struct

from grader.contract import Contract, SplitRow
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.reference import Reference
from grader.workers.messages import Examined, Prediction

FINAL, PHASE_ONE = "final", "phase_one"


class Checkpoint(Struct, frozen=True):
    """One of the two files of tensors; `missing`: not in the commit, which `examined` says in words."""

    path: str
    examined: Examined
    missing: bool = False

    @property
    def is_pickle(self) -> bool:
        return self.examined.format == "pickle" and not self.examined.refused

    def usable(self) -> Examined:
        """Raises SubmissionError where the file was refused, NotMeasured where only we cannot use it."""
        if self.examined.refused:
            reason, hint = self.examined.refused, self.examined.hint
            if self.examined.not_built:
                raise NotMeasured(f"{self.path} {reason}", hint)
            raise SubmissionError(f"{self.path} {reason}", self.path, hint, missing=self.missing)
        return self.examined


class Evaluation(Struct, frozen=True, kw_only=True):
    """`rows` are the test images, `predictions` of the checkpoints point into them."""

    rows: tuple[SplitRow, ...]
    final: Checkpoint
    phase_one: Checkpoint
    reference: Reference
    device: str
    missing: tuple[SplitRow, ...] = ()  # the data source does not have them
    different: tuple[SplitRow, ...] = ()  # it has other bytes under their ids
    unreadable: tuple[SplitRow, ...] = ()  # they are no pictures
    unstated: str = ""  # as in Inputs: another way might give other predictions

    def predicted(self, checkpoint: Checkpoint) -> dict[str, Prediction]:
        """What this checkpoint predicts, by image_id. Raises as `usable` does."""
        return {self.rows[each.image].image_id: each for each in checkpoint.usable().predictions}

    def score(self, checkpoint: Checkpoint, classes: Sequence[str]) -> tuple[int, int]:
        """How many images this checkpoint predicts right, of how many. Raises as `usable`."""
        said = checkpoint.usable().predictions
        right = sum(classes[each.predicted] == self.rows[each.image].label for each in said)
        return right, len(said)


class Inputs(Struct, frozen=True):
    """All that decides what an evaluation says. `contents` are the checkpoint files in the commit.

    `others`: further ways in which the images may have been prepared; `unstated`: what the submission leaves
    open about that, where nothing else says it.
    """

    declared: Contract
    rows: tuple[SplitRow, ...]
    reference: Reference
    contents: dict[str, bytes]
    absent: dict[str, Checkpoint]
    others: tuple[Reference, ...] = ()
    unstated: str = ""
