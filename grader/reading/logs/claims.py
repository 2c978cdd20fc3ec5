"""Accuracies that a README, a report or a log states, and whether they can be true together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from grader.reading.logs import exact
from grader.reading.logs.records import Log, Value

CLAIMS_LIMIT = 200


class Claim(Struct, frozen=True, kw_only=True):
    """One stated accuracy. `subject` is the model that a table names; `images` the n beside it.

    `section` is the heading that it stands under.
    """

    where: str
    value: Value
    subject: str = ""
    images: int | None = None
    approximate: bool = False
    section: str = ""

    @property
    def printed(self) -> tuple[str, bool]:
        return self.value.printed, self.value.scale == "percent"


def in_logs(logs: Iterable[Log]) -> tuple[Claim, ...]:
    """Accuracies that logs and notebooks measured outside of the epochs."""
    return tuple(
        Claim(where=found.where, value=value, images=found.images, approximate=found.approximate)
        for log in logs
        for found in log.evaluations
        for value in found.values
        if value.metric == "accuracy" and value.scale
    )[:CLAIMS_LIMIT]


def impossible(claims: Iterable[Claim], images: Mapping[str, int]) -> Iterator[tuple[Claim, int]]:
    """The claims that are no k/n, with their n: the one stated beside them, else the one of their split."""
    for claim in claims:
        n = claim.images or images.get(claim.value.split, 0)
        if n and not claim.approximate and not exact.is_share_of(*claim.printed, n):
            yield claim, n


def contradictions(claims: Sequence[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Neighbouring claims on the test set, of no named model, that differ beyond their printed digits."""
    tests = [claim for claim in claims if _about_test(claim)]
    for first, second in zip(tests, tests[1:], strict=False):
        if first.where != second.where and not exact.agree(first.printed, second.printed):
            yield first, second  # in one line, the columns of a table tell them apart


def without_set(claims: Iterable[Claim]) -> Iterator[Claim]:
    """The claims that do not say on which images they were measured."""
    return (claim for claim in claims if not (claim.value.split or claim.images or claim.approximate))


def unsupported(stated: Iterable[Claim], measured: Iterable[Claim]) -> Iterator[Claim]:
    """Stated test accuracies that agree with none of the measured ones, where any was measured."""
    known = [claim for claim in measured if claim.value.split == "test" and not claim.approximate]
    for claim in stated:
        if known and claim.value.split == "test" and not claim.approximate:
            if not any(exact.agree(claim.printed, other.printed) for other in known):
                yield claim


def _about_test(claim: Claim) -> bool:
    split, stated = claim.value.split, claim.images is not None
    return not claim.subject and not claim.approximate and (split == "test" or (split == "" and stated))
