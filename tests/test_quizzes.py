"""The quizzes of this course: no mistake in them, and each number computed here by other means."""

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import assignment
from grader.course.quizzes import building, linting
from grader.reading import quizzes
from grader.reading.quizzes import Multiple, Number, Single

FOLDER = Path(__file__).parent.parent / "assignments/quizzes"
QUIZZES = {path.parent.name: quizzes.load(path) for path in sorted(FOLDER.glob("*/quiz.toml"))}


def parameters(kind: str, **settings: int) -> float:
    """Counted in the network itself: 3 inputs, 4 cells."""
    torch = pytest.importorskip("torch")
    layer = getattr(torch.nn, kind)(3, 4, **settings)
    return float(sum(weights.numel() for weights in layer.parameters()))


def one_bias(kind: str) -> float:
    """As the papers write it: one bias where PyTorch keeps two."""
    torch = pytest.importorskip("torch")
    layer = getattr(torch.nn, kind)(3, 4)
    return float(sum(w.numel() for name, w in layer.named_parameters() if not name.startswith("bias_hh")))


def slope(function: Callable[[float], float], at: float) -> float:
    """The derivative by central differences."""
    return (function(at + 1e-5) - function(at - 1e-5)) / 2e-5


def powered(steps: int, begin: float = 1.0) -> Callable[[float], float]:
    def state(w: float) -> float:
        h = begin
        for _ in range(steps):
            h = w * h
        return h

    return state


def targets(values: int, m: int, s: int, h: int) -> list[int]:
    """Indices of the targets, found by looking at every place where a window may begin."""
    return [start + m - 1 + h for start in range(0, values, s) if start + m - 1 + h < values]


def two_steps() -> float:
    torch = pytest.importorskip("torch")
    cell = torch.nn.RNNCell(1, 1, bias=False).double()
    with torch.no_grad():
        cell.weight_ih.fill_(0.5)
        cell.weight_hh.fill_(0.8)
        state = cell(torch.zeros(1, 1).double() + 1, torch.zeros(1, 1).double())
        return float(cell(torch.zeros(1, 1).double(), state))


def dropped(rate: float, value: float) -> float:
    """What a kept unit is in PyTorch's own dropout."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    found = torch.nn.functional.dropout(torch.full((1000,), value), rate, training=True)
    return float(found[found != 0][0])


def clipped() -> float:
    torch = pytest.importorskip("torch")
    weights = torch.nn.Parameter(torch.zeros(2))
    weights.grad = torch.tensor([3.0, 4.0])
    torch.nn.utils.clip_grad_norm_([weights], 1.0)
    return float(weights.grad[0])


def output_width() -> float:
    torch = pytest.importorskip("torch")
    output, _ = torch.nn.LSTM(3, 4, bidirectional=True)(torch.zeros(9, 5, 3))
    return float(output.shape[-1])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


COMPUTED: dict[tuple[str, str], Callable[[], float]] = {
    ("rnn-01", "elman-parameters"): lambda: one_bias("RNN"),
    ("rnn-01", "one-step"): two_steps,
    ("rnn-01", "against-dense"): lambda: len(
        [(t, i, o) for t in range(10) for i in range(3) for o in range(4)]
    ),
    ("bptt-02", "linear-gradient"): lambda: slope(powered(3), 2.0),
    ("bptt-02", "truncated-gradient"): lambda: slope(powered(1, begin=powered(2)(2.0)), 2.0),
    ("bptt-02", "chunks"): lambda: len(range(0, 100, 20)),
    ("gradients-03", "left-after-50"): lambda: powered(50)(0.9),
    ("gradients-03", "grown-after-50"): lambda: powered(50)(1.1),
    ("gradients-03", "largest-derivative"): lambda: max(slope(sigmoid, x / 100) for x in range(-500, 501)),
    ("gradients-03", "clipped-norm"): clipped,
    ("lstm-04", "lstm-parameters"): lambda: one_bias("LSTM"),
    ("lstm-04", "torch-parameters"): lambda: parameters("LSTM"),
    ("lstm-04", "peephole-parameters"): lambda: len([(gate, cell) for gate in "ifo" for cell in range(4)]),
    ("lstm-04", "one-cell-step"): lambda: math.fsum([0.5 * 2, 1 * 0.4]),
    ("lstm-04", "gru-share"): lambda: 100 * parameters("GRU") / parameters("LSTM"),
    ("deep-05", "output-width"): output_width,
    ("deep-05", "two-layers"): lambda: parameters("LSTM", num_layers=2),
    ("deep-05", "both-directions"): lambda: parameters("LSTM", bidirectional=True),
    ("deep-05", "deep-both"): lambda: parameters("LSTM", num_layers=2, bidirectional=True),
    ("dropout-06", "scaled-value"): lambda: dropped(0.2, 2.0),
    ("dropout-06", "state-after-20"): lambda: powered(20)(0.9),
    ("dropout-06", "zoneout-step"): lambda: sum([2] * 3 + [1] * 7) / 10,
    ("windows-07", "windows-step-one"): lambda: len(targets(20, 5, 1, 1)),
    ("windows-07", "windows-step-two"): lambda: len(targets(20, 5, 2, 1)),
    ("windows-07", "last-target"): lambda: targets(20, 5, 3, 1)[-1],
    ("windows-07", "windows-of-five"): lambda: len(targets(5, 5, 1, 1)),
    ("windows-07", "batches-kept"): lambda: len(range(0, 100, 32)),
    ("transfer-08", "head-parameters"): lambda: len(range(2048)) * 2 + 2,
    ("transfer-08", "normalised-pixel"): lambda: (255 / 255 - 0.485) / 0.229,
    ("transfer-08", "test-accuracy"): lambda: 100 * (1 - 13 / 200),
}
NUMBERS = {
    (name, question.id): question
    for name, quiz in QUIZZES.items()
    for question in quiz.questions
    if isinstance(question, Number)
}


def test_every_number_is_computed() -> None:
    assert NUMBERS.keys() == COMPUTED.keys()


@pytest.mark.parametrize("which", NUMBERS, ids="/".join)
def test_a_number_is_what_it_should_be(which: tuple[str, str]) -> None:
    """Nearer than what is accepted of students; and what is computed would be accepted."""
    question, computed = NUMBERS[which], COMPUTED[which]()
    assert computed == pytest.approx(question.value, abs=max(question.tolerance / 2, 1e-6))
    accepted = round(computed) if question.tolerance == 0 else computed
    assert quizzes.mark(question, accepted).said == "right"


@pytest.mark.parametrize("name", QUIZZES)
def test_a_quiz_has_no_mistake_and_builds(name: str) -> None:
    assert linting.lint(FOLDER / name / quizzes.NAME) == []
    due = assignment.load(FOLDER / name / "assignment.toml")
    assert (due.id, due.points) == (name, 10)
    assert due.deadline is not None and due.deadline.zone == "Europe/Budapest"
    made = building.files(QUIZZES[name], {})
    assert made[f"private/{name}.kahoot.xlsx"]


def test_there_is_something_of_everything() -> None:
    questions = [question for quiz in QUIZZES.values() for question in quiz.questions]
    kinds = Counter(type(question).__name__ for question in questions)
    assert len(QUIZZES) == 8 and len(questions) >= 60
    assert min(kinds[kind] for kind in ("Single", "Multiple", "Number", "Short", "Free")) >= 3
    assert all(question.explanation and question.source for question in questions)


def test_no_habit_finds_the_key() -> None:
    """Always the first choice, always the longest: right about as often as chance has it, not hardly ever."""
    single, several, longest, shortest = [0] * 4, [0] * 4, 0, 0
    for quiz in QUIZZES.values():
        for question in quiz.questions:
            if isinstance(question, Single):
                single[quiz.shown_choices(question).index(question.correct)] += 1
                words = sorted(question.choices.values(), key=len)
                longest += words[-1] == question.choices[question.correct]
                shortest += words[0] == question.choices[question.correct]
            elif isinstance(question, Multiple):
                for each in question.correct:
                    several[quiz.shown_choices(question).index(each)] += 1
    for places in (single, several):
        fair = sum(places) / 4
        assert all(fair / 2 < count < 1.5 * fair for count in places), places
    assert max(longest, shortest) < 0.4 * sum(single), (longest, shortest)
