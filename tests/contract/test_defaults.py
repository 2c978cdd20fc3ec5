"""What submission.toml may leave out means the same to the student's programs and to the grader."""

import dataclasses

import msgspec
import pytest
from finetune import submission

from grader.contract import declared as contract

PAIRS = [
    (submission.Data, contract.Data),
    (submission.Model, contract.Model),
    (submission.Log, contract.Log),
    (submission.Results, contract.ResultFiles),
    (submission.Documents, contract.Documents),
    (submission.Run, contract.Run),
    (submission.Receipt, contract.Receipt),
]


@pytest.mark.parametrize(("student", "grader"), PAIRS)
def test_both_sides_know_the_same_keys_and_the_same_defaults(student, grader):
    theirs = {field.name: field.default for field in msgspec.structs.fields(grader)}
    ours = {field.name: field.default for field in dataclasses.fields(student)}
    assert ours.keys() == theirs.keys()
    for name, default in ours.items():
        if default is not dataclasses.MISSING:  # what the starter needs, the grader may do without
            assert (default or None) == (theirs[name] or None), name
