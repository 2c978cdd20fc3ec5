"""Who hands in what is read leniently; what TOML cannot bear is the student's sentence."""

import pytest

from grader import contract, handed_in
from grader.ground.errors import SubmissionError
from grader.handed_in import HandedIn
from tests.conftest import CONTRACT, Make

QUIZ = 'schema = 1\nassignment = "quiz1"\nstudent = "ABC123"\n'


@pytest.mark.parametrize(
    "content",
    [
        QUIZ,
        b"\xef\xbb\xbf" + QUIZ.encode(),
        QUIZ.encode("utf-16"),
        QUIZ + "[whatever]\nelse = [1, 2]\n",
        QUIZ.replace("ABC123", " ABC123 ").replace("\n", "\r\n"),
    ],
)
def test_who_hands_in_what(submit: Make, content: str | bytes) -> None:
    assert handed_in.read(submit({"submission.toml": content})) == HandedIn(1, "quiz1", "ABC123")


def test_each_key_counts_whatever_stands_beside_it(submit: Make) -> None:
    assert handed_in.read(submit({"submission.toml": 'schema = "?"\nstudent = "ABC123"'})) == HandedIn(
        student="ABC123"
    )


def test_nothing_is_asked_of_a_repository_that_nobody_prepared(submit: Make) -> None:
    assert handed_in.read(submit({"train.py": ""})) == HandedIn()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            "schema = 1",
            'submission.toml does not say whose work it is; a line such as student = "ABC123" does',
        ),
        (
            "student = 5",
            'submission.toml does not say whose work it is; a line such as student = "ABC123" does',
        ),
        ("student = [", "submission.toml: not TOML: cannot read the value (at end of document)"),
        ("#" * 100_001, "submission.toml has 100,001 bytes, more than the 100,000 that are read"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(submit: Make, content: str, complaint: str) -> None:
    found = handed_in.read(submit({"submission.toml": content}))
    assert (found.student, found.complaint) == ("", complaint)


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ("9" * 5_000, "submission.toml: a number has more digits than TOML's integers, which have 64 bits"),
        (
            "0x" + "f" * 50_000,
            "submission.toml: schema: a larger number than TOML's integers, which have 64 bits",
        ),
        (
            "a." * 30_000 + "b",
            "submission.toml: a line has 30,000 dots outside of quotes, at most 100 are read",
        ),
    ],
)
def test_a_number_or_a_key_without_end_is_the_students_trouble(
    submit: Make, schema: str, sentence: str
) -> None:
    submission = submit({"submission.toml": CONTRACT.replace("schema = 1", f"schema = {schema}")})
    with pytest.raises(SubmissionError) as trouble:
        contract.read(submission)
    assert trouble.value.message == sentence
    assert handed_in.read(submission).complaint == sentence


def test_the_file_is_parsed_once(submit: Make) -> None:
    submission = submit({"submission.toml": CONTRACT})
    assert contract.read(submission) is contract.read(submission)
    assert handed_in.tables(submission) is handed_in.tables(submission)
    broken = submit({"submission.toml": CONTRACT + "more = 1"})
    causes = []
    for _ in range(2):
        with pytest.raises(SubmissionError, match=r"model\.more is not a known key") as trouble:
            contract.read(broken)
        causes.append(trouble.value)
    assert causes[0] is causes[1]
