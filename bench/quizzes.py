"""How long quizzes take: 300 notebooks graded from fetched repositories, 4,000 rows of a Kahoot report, and
200 students x 20 questions through nbgrader and back, which must lose nothing.

python bench/quizzes.py [STUDENTS]
"""

import json
import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from grader import assignment, engine, intake
from grader.course.quizzes import kahoot_report
from grader.intake import Request
from grader.submission import Surroundings
from tests import quiz_example as example
from tests.course.quizzes import kahoot_reports, round_trip
from tests.repository.building import commit

STUDENTS, ROWS = 300, 4000
CLASS, QUESTIONS = 200, 20  # of the round trip


def cpu() -> float:
    """Seconds of this process and of those that it started."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def graded(folder: Path, students: int) -> tuple[float, float]:
    """CPU seconds to fetch all repositories, and to measure and judge what was fetched."""
    example.write(folder / "trial")
    due = assignment.load(folder / "trial/assignment.toml")
    book = json.dumps(example.answered(example.RIGHT, "It is open."))
    fetching = grading = 0.0
    around = Surroundings(scratch=Path(), cache=folder / "cache")
    for number in range(students):
        commit(folder / f"s{number}", {"quizzes/trial.ipynb": book})
        request = Request(url=str(folder / f"s{number}"), assignment=str(folder / "trial"))
        before = cpu()
        with intake.opened(request, due, around) as submission:
            fetched = cpu()
            evidence = intake.evidence_of(request, due, submission, engine.measure_all(due, submission))
            assert engine.judge(due, evidence).points.min == 7
            grading += cpu() - fetched
        fetching += fetched - before
    return fetching, grading


def read(folder: Path) -> float:
    """CPU seconds for one report with a row for each of 200 players and 20 questions."""
    questions = [(f"Question {number}?", "yes", True, 900) for number in range(20)]
    played = {f"AB{number:04d}": questions for number in range(ROWS // 20)}
    path = kahoot_reports.write(folder / "r.xlsx", {"RawReportData Data": kahoot_reports.raw(played)})
    before = cpu()
    assert len(kahoot_report.read(path).rows) == ROWS
    return cpu() - before


def there_and_back(folder: Path) -> float:
    """CPU seconds for answers and points through nbgrader's database; all of them are compared."""
    found = round_trip.quiz(QUESTIONS)
    sent = round_trip.drawn(found, CLASS)
    folder.mkdir()
    before = cpu()
    assert round_trip.there(folder, found, sent) == 0, "a second run changed scores"
    assert round_trip.back(folder, found) == sent
    used = cpu() - before
    expected = round_trip.expected_totals(sent)
    assert all(
        abs(total - expected.pop(name)) < 1e-9 for name, total in round_trip.totals(folder, found).items()
    )
    assert len(sent) == CLASS * QUESTIONS and not expected
    return used


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    with tempfile.TemporaryDirectory() as name:
        print(f"{ROWS} rows of a Kahoot report: {read(Path(name)):.1f} CPU s")
        used = there_and_back(Path(name) / "course")
        print(
            f"{CLASS} students x {QUESTIONS} questions to nbgrader and back: {used:.1f} CPU s, nothing lost"
        )
        fetching, grading = graded(Path(name), students)
    print(f"{students} quizzes: {fetching:.1f} CPU s to fetch, {grading:.1f} CPU s to grade")


if __name__ == "__main__":
    main()
