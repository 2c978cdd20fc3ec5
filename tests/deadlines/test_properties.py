"""What holds for every history, against a slow and plain reading of the rule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from grader import deadlines
from grader.deadlines import Commit, Gathered, History, Observation, Policy, Stamp, Status, Subject
from grader.deadlines.timeline import KEPT
from grader.ground.errors import GraderError

dates = st.one_of(st.none(), st.integers(0, 50))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A branch of merges of anything earlier, with dates in any order or none."""
    made: list[Commit] = []
    for number, date in enumerate(draw(st.lists(dates, min_size=1, max_size=12))):
        parents = [made[-1].sha] if made else []
        if made and draw(st.booleans()):
            parents.append(draw(st.sampled_from(made)).sha)
        stamp = None if date is None else Stamp(date, 0)
        made.append(Commit(f"c{number}", tuple(parents), stamp, stamp, "", "", "Merge branch 'x'"))
    return History("main", made[-1].sha, {each.sha: each for each in reversed(made)})


def ancestors(history: History, sha: str) -> set[str]:
    found = {sha}
    for parent in history.commits[sha].parents:
        found |= ancestors(history, parent)
    return found


def plainly(history: History, last: int) -> str:
    """From the newest commit back along first parents to the first that is in time with all its ancestors."""
    sha = history.head
    while sha:
        claimed = [history.commits[each].committed for each in ancestors(history, sha)]
        if all(date is not None and date.seconds <= last for date in claimed):
            return sha
        sha = next(iter(history.commits[sha].parents), "")
    return ""


@given(histories(), st.integers(-1, 51))
def test_the_commit_that_counts_is_the_one_that_the_rule_names(history: History, last: int) -> None:
    assert deadlines.choose(deadlines.timeline(history, [], 0), last).sha == plainly(history, last)


@given(
    histories(), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=5), st.integers(0, 40)
)
def test_a_verdict_never_contradicts_itself(
    history: History, looks: list[tuple[int, int]], last: int
) -> None:
    found = tuple(Observation("x", at, at, f"c{number}") for at, number in looks)
    line = deadlines.timeline(history, [last], 60, Gathered(found))
    deadline = deadlines.Instant(last, "UTC", "")
    ruling = deadlines.decide(line, deadline, Policy(grace_minutes=0.1))
    assert (ruling.status == Status.NOTHING_BEFORE_DEADLINE) <= (ruling.graded == "")
    assert (ruling.status == Status.PROVEN_IN_TIME) <= (
        ruling.graded == ruling.proven == ruling.claimed != ""
    )
    if ruling.graded:
        assert ruling.graded in ancestors(history, ruling.claimed)
    assert deadlines.sentences(line, ruling)


@settings(max_examples=30)
@given(st.integers(0, 3000), st.integers(0, 3000))
def test_a_thinned_timeline_answers_right_or_not_at_all(made_for: int, asked: int) -> None:
    count = 2000
    commits = {
        f"c{number}": Commit(
            f"c{number}", (f"c{number - 1}",) if number else (), Stamp(number, 0), None, "", "", ""
        )
        for number in reversed(range(count))
    }
    line = deadlines.timeline(History("main", f"c{count - 1}", commits), [made_for], 0)
    choice = deadlines.choose(line, asked)
    expected = f"c{min(asked, count - 1)}"
    assert choice.sha == (expected if choice.known else "")
    if abs(asked - made_for) < KEPT // 4 - 1 or asked >= count:
        assert choice.known


class Silent:
    def gather(self, subject: Subject) -> Gathered:
        raise GraderError(f"{subject.url} does not answer")


class Talking:
    def gather(self, subject: Subject) -> Gathered:
        return Gathered((Observation("x", 1, 1, subject.branch),), ("It was late.",))


def test_a_source_that_cannot_be_asked_leaves_a_sentence() -> None:
    gathered = deadlines.gather([Silent(), Talking()], Subject("the host", "main"))
    assert [each.sha for each in gathered.observations] == ["main"]
    assert gathered.troubles == (
        "One source of evidence is missing: the host does not answer.",
        "It was late.",
    )
    line = deadlines.timeline(History("main", "", {}, missing="Nothing."), [], 0, gathered)
    told = deadlines.sentences(line, deadlines.decide(line, deadlines.Instant(0, "UTC", ""), Policy()))
    assert told[-2:] == gathered.troubles


def test_the_explanation_names_every_status_and_the_settings() -> None:
    deadline = deadlines.instant("2020-11-10 23:59", "Europe/Budapest")
    told = deadlines.explanation(Policy(late_days=2, penalty_per_day=10, claimed_in_time="review"), deadline)
    assert all(status in told for status in Status)
    assert "The deadline is 2020-11-10 23:59:59 CET (22:59:59 UTC)." in told
    assert "Later work counts for 2 days, at 10 % of the points for each day." in told
    assert "A commit that is in time by its date only is looked at by a person." in told
    assert "Work after the deadline is not graded." in deadlines.explanation(Policy())
    assert max(len(line) for line in told.splitlines()) <= 110
