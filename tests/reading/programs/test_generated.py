"""The reader held to programs whose truth is known: never wrong, rarely undecided."""

import random
from collections import Counter

from grader.checks.preprocessing import Preprocessing
from grader.checks.protocol import Check
from grader.checks.two_phases import TwoPhases
from grader.ground.errors import NotMeasured
from tests.conftest import Make
from tests.reading.programs import generating

PROGRAMS = 60


def said(submit: Make, check: Check, files: dict[str, str]) -> str:
    """`right`, `wrong`, or `open`."""
    try:
        levels = {each.level for each in check.judge(check.collect(submit(files)))}
    except NotMeasured:
        return "open"
    return "wrong" if "error" in levels else "right"


def test_no_generated_program_is_misjudged(submit: Make) -> None:
    chance = random.Random(2026)
    told: Counter[str] = Counter()
    for _ in range(PROGRAMS):
        plan = generating.plan(chance, generating.KNOWN)
        files = generating.write(plan)
        values, phases = (said(submit, check, files) for check in (Preprocessing(), TwoPhases()))
        told.update((values, phases))
        assert values in (plan.preprocessing, "open"), (plan, files)
        truth = {"yes": ("right", "open"), "no": ("wrong", "open"), "doubtful": ("open",)}[plan.two_phases]
        assert phases in truth, (plan, files)
    assert told["open"] < 0.25 * told.total()  # every sixth plan is doubtful itself
