"""What a student reads who made a usual mistake; never what would have been right."""

from tests.running.labs.conftest import LABS, Answer, check, errors, reference
from tests.running.labs.test_forms import BACKWARD, FORWARD, GOOD, notebook

STARTER = (LABS / "l1" / "l1.py").read_text()
CLIPPED = "return [each * scale for each in gradients], norm"
SUBMISSIONS = {
    "notebook_beside_the_starter": {
        "labs/l1.py": STARTER,
        "labs/l1.ipynb": notebook("import numpy as np", FORWARD, BACKWARD),
    },
    "starter_beside_the_script": {"labs/l1.py": GOOD, "labs/l1.ipynb": notebook(STARTER)},
    "renamed_argument": {"labs/l1.py": GOOD.replace("def rnn_forward(*, x,", "def rnn_forward(*, y, x=1,")},
    "no_such_name": {"labs/l1.py": GOOD.replace("np.tanh(", "np.tanch(")},
    "endless": {"labs/l1.py": f"{FORWARD}\ndef rnn_backward(**given):\n    while True: pass\n"},
    "no_python": {"labs/l1.py": "def rnn_forward(:"},
}


def test_of_a_script_and_a_notebook_the_filled_in_one_counts(answers: Answer) -> None:
    runs = answers("l1", SUBMISSIONS, seconds=3)
    for who, left in (
        ("notebook_beside_the_starter", "labs/l1.py"),
        ("starter_beside_the_script", "labs/l1.ipynb"),
    ):
        assert errors("l1", runs[who]) == []
        assert [each.where for each in check("l1").judge(runs[who]) if "not graded" in each.message] == [left]

    (forward,) = errors("l1", runs["renamed_argument"])
    assert "unexpected keyword" in forward.message or "required keyword" in forward.message
    assert forward.hint.startswith("keep the names of the arguments")
    assert "random arrays of the shapes" in errors("l1", runs["no_such_name"])[0].hint

    (endless,) = errors("l1", runs["endless"])
    assert endless.message.startswith("rnn_backward did not return: more than ")
    assert check("l1").earned(runs["endless"]) == (0.5, 0.5), "what rnn_forward answered before counts"
    assert [each.hint for each in errors("l1", runs["no_python"])] == [""]


def test_no_distance_tells_the_expected_number(answers: Answer) -> None:
    """`norm` is one number: with the distance, or a factor, it could be worked out."""
    good = reference("l2")
    assert CLIPPED in good
    (run,) = answers("l2", {"doubled": {"labs/l2.py": good.replace(CLIPPED, f"{CLIPPED} * 2.1")}}).values()
    (found,) = errors("l2", run)
    norm = next(each for call in run.compared.calls for each in call.quantities if each.name == "norm")
    assert norm.off > 1, "otherwise the power of ten below is another one"
    assert found.message.startswith("clip_by_global_norm: norm is too large, by some 1")
    assert found.hint == ""


def test_every_quantity_that_differs_is_named(answers: Answer) -> None:
    good = reference("l2").replace("return tight, loose", "return tight + 1, loose - 1")
    (run,) = answers("l2", {"both": {"labs/l2.py": good}}).values()
    (found,) = errors("l2", run)
    assert "tight (6) differs in 6 of 6 numbers, first at [0], by up to 1; loose too (" in found.message
    assert found.hint == "all of it is too large by the same number"


def test_a_mistake_that_another_function_meets_counts_once(answers: Answer) -> None:
    last_lost = "max(0, N - m - h + 1)"
    assert last_lost in reference("l6")
    lost = reference("l6").replace(last_lost, "max(0, N - m - h)")
    own = lost.replace("def windows", "def other_windows").replace("= windows(", "= other_windows(")
    right = reference("l6").partition("def windows")[2].partition("def minibatches")[0]
    sources = {
        "called": lost,
        "and_more": lost.replace("[:, targets]", ""),
        "alone": f"{own}\n\ndef windows{right}",
    }
    runs = answers("l6", {who: {"labs/l6.py": source} for who, source in sources.items()})
    (windows,) = errors("l6", runs["called"])
    assert windows.message.startswith("windows: ") and check("l6").earned(runs["called"]) == (0.75, 0.75)
    (follows,) = (each for each in check("l6").judge(runs["called"]) if each.level == "warning")
    assert follows.message.startswith("minibatches: wrong as far as windows is, and no further")
    assert len(errors("l6", runs["and_more"])) == 2
    (alone,) = errors("l6", runs["alone"])
    assert alone.message.startswith("minibatches: ")


CHANCE = """
import numpy as np

def dropout(*, x, p, training):
    np.random.seed(42)
    chosen = np.random.choice(x.size, int(p * x.size), replace=False)
    y = x.ravel() / (1 - p if training else 1)
    y[chosen[: len(chosen) * training]] = 0
    return y.reshape(x.shape)

def recurrent_masks(*, steps, batch, hidden, p, variational):
    drawn = [np.random.random((steps, hidden)) >= p] * batch
    return np.stack(drawn, axis=1) / (1 - p)

def zoneout(*, previous, new, p, training):
    if training:
        return [np.where(np.random.rand(len(a)) < p, a, b) for a, b in zip(previous, new)]
    return p * previous + (1 - p) * new
"""


def test_what_is_left_to_chance_is_told_in_words(answers: Answer) -> None:
    """A seed inside, beside an exact count: together they are no known wrong solution."""
    (run,) = answers("l5", {"who": {"labs/l5.py": CHANCE}}).values()
    dropout, masks = errors("l5", run)
    assert dropout.message.startswith("dropout: changes from call to call in the zeros in y: ")
    assert dropout.hint.startswith("is a seed set inside the function?")
    assert masks.message.startswith("recurrent_masks: masks of different steps")


def test_single_precision_on_the_way_is_told(answers: Answer) -> None:
    rounded = GOOD.replace("x_t @ Wxh.T", "x_t.astype('float32') @ Wxh.T.astype('float32')")
    (run,) = answers("l1", {"who": {"labs/l1.py": rounded}}).values()
    (found,) = errors("l1", run)
    assert "float32 somewhere on the way" in found.hint
