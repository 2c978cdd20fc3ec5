"""Every lab: its reference passes, its starter says what is missing, wrong solutions are named."""

import re

import pytest

from grader.course.labs import building
from grader.workers import asking, exams
from grader.workers.lab_messages import Kill, Killed
from tests.running.labs.conftest import LABS, NAMES, Answer, check, errors, reference, wrong

SEEDS = tuple(range(5))  # `make bench-labs` tries a hundred


@pytest.mark.parametrize("name", NAMES)
def test_no_wrong_solution_survives(name: str) -> None:
    asked = check(name)
    killed = asking.ask("examine", Kill(asked.exam, SEEDS, asked.tolerance, asked.sigmas), Killed)
    assert killed.reference == 0, "the reference has to pass its own cases"
    assert {wrong: count for wrong, count in killed.survived.items() if count} == {}


def returned(name: str) -> str:
    """What the functions of a lab return, as the headings of its text name it: a regular expression."""
    headings = re.findall(r"^## .*→ (.*)$", (LABS / name / "README.md").read_text(), re.M)
    assert headings
    return "|".join(word for each in headings for word in re.sub(r" \(.*?\)", "", each).split(", "))


@pytest.mark.parametrize("name", NAMES)
def test_each_wrong_solution_is_told_what_it_did(name: str, answers: Answer) -> None:
    path = f"labs/{name}.py"
    sources = {
        "reference": reference(name),
        "starter": (LABS / name / f"{name}.py").read_text(),
        **wrong(name),
    }
    group = {who: {path: source} for who, source in sources.items()}
    solved = building.files(name, building.parts(LABS / name, check(name), 10), check(name))
    group["notebook"] = {f"labs/{name}.ipynb": solved[f"source/{name}/{name}.ipynb"]}
    runs = answers(name, group)
    assert errors(name, runs.pop("reference")) == errors(name, runs.pop("notebook")) == []
    not_written = errors(name, runs.pop("starter"))
    assert len(not_written) == len(runs["_" if not runs else next(iter(runs))].functions)
    assert all("is not written yet" in each.message for each in not_written)
    exam, words = check(name).exam, re.compile(rf"\b({returned(name)})\b")
    for who, run in runs.items():
        found = errors(name, run)
        mistake = exams.described(exam.wrong[who], who).mistake
        named = [each.message.partition(": ")[2] for each in found if mistake in each.hint]
        assert named and all(map(words.search, named)), (who, found)
        assert all(each.where.startswith(f"{path}:") for each in found)
