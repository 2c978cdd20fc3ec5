"""Reading sources and logs: what each way of writing says, found by hand."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import preprocessing
from grader.preprocessing import Recorded, Step
from tests.conftest import CONTRACT, Make

LOG = ("logs/train.jsonl",)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
VALUES = "mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)"


def steps(submit: Make, *sources: str) -> tuple[Step, ...]:
    files = {f"finetune/part{number}.py": source for number, source in enumerate(sources)}
    return preprocessing.applied(submit(files), LOG).steps


def step(line: int = 1, part: int = 0, **values: object) -> Step:
    return Step(where=f"finetune/part{part}.py:{line}", **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])", 1),
        (f"Normalize({VALUES})", 1),
        ("M = (0.485, 0.456, 0.406)\nS = [0.229, 0.224, 0.225]\nNormalize(M, std=S)", 3),
        ("M, S = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)\nNormalize(M, S)", 2),
        ("def f():\n  m = np.array([0.485, 0.456, 0.406])\n  s = tuple((0.229, 0.224, 0.225))\n"
         "  return v2.functional.normalize(x, m, s)", 4),
        ("A.Normalize(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], max_pixel_value=1)", 1),
        ("Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)", 1),
        ("Normalize(timm.data.IMAGENET_DEFAULT_MEAN, timm.data.IMAGENET_DEFAULT_STD)", 1),
        ("Normalize((0.485, 116.28 / 255, 103.53 / 255), np.array([58.395, 57.12, 57.375]) / 255)", 1),
        (f"Preprocessing(resize=256, {VALUES})", 1),
        (f"create_transform(224, {VALUES})", 1),
    ],
)  # fmt: skip
def test_values_of_a_normalisation(source: str, line: int, submit: Make) -> None:
    (found,) = steps(submit, source)
    assert found.where == f"finetune/part0.py:{line}"
    assert (found.mean, found.std) == (pytest.approx(MEAN), pytest.approx(STD))


def test_one_number_counts_for_all_colours(submit: Make) -> None:
    expected = step(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    for source in ("Normalize(0.5, 0.5)", "Normalize([0.5], (0.5,))", "Normalize([0.5] * 3, 3 * [0.5])"):
        assert steps(submit, source)[0].mean == expected.mean, source
    assert steps(submit, "Normalize(0.5, 0.5)") == (expected,)


def test_constants_of_other_modules(submit: Make) -> None:
    settings_module = "MEAN = (0.485, 0.456, 0.406)\nSTD = (0.229, 0.224, 0.225)\n"
    expected = (step(2, 1, mean=MEAN, std=STD),)
    assert steps(submit, settings_module, "from .part0 import MEAN, STD\nNormalize(MEAN, STD)") == expected
    assert steps(submit, settings_module, "import part0\nNormalize(part0.MEAN, part0.STD)") == expected
    assert steps(submit, settings_module, "from part0 import *\nNormalize(MEAN, STD)") == expected
    assert (
        steps(submit, settings_module, "from part0 import MEAN as m, STD as s\nNormalize(m, s)") == expected
    )
    assert steps(submit, settings_module, "import other\nNormalize(MEAN, STD)") == ()
    chained = "from part0 import MEAN\nM = MEAN"
    assert steps(submit, settings_module, chained, "import part1\nNormalize(mean=part1.M)") == (
        step(2, 2, mean=MEAN),
    )


@pytest.mark.parametrize(
    "source",
    [
        "Normalize(mean=preset.mean, std=preset.std)",
        "M = (0.1, 0.2, 0.3)\nM = (0.485, 0.456, 0.406)\nNormalize(M, M)",  # which of the two?
        "Normalize(*values)",
        "mean = (0.1, 0.2, 0.3)\ndef f(mean):\n  return Normalize(mean=mean)",  # the parameter
        "for M in [(0.1, 0.1, 0.1)]:\n  Normalize(M, M)",
        "Normalize(mean=mean_of(images), std=std_of(images))",
        "M = M2\nM2 = M\nNormalize(M, M)",
        "# Normalize((0.1, 0.1, 0.1), (0.1, 0.1, 0.1))",
        "'Normalize((0.1, 0.1, 0.1), (0.1, 0.1, 0.1))'",
        # what undoes a normalisation, to show an image
        "Normalize(mean=[-0.485 / 0.229, -2.0357, -1.8044], std=[1 / 0.229, 4.4643, 4.4444])",
        "Normalize((0, 0, 0), (1 / 0.229, 1 / 0.224, 1 / 0.225))",
        "Normalize((-0.485, -0.456, -0.406), (1.0, 1.0, 1.0))",
        "Normalize(1" + "0" * 400 + ", 1e999)",
        "torch.nn.init.normal_(weight, std=0.01)",
        "torch.nn.init.normal_(weight, mean=0.0, std=0.01)",
        "noise = numpy.random.normal(loc=0, scale=1); norm = Normal(mean=0.0, std=1.0)",
    ],
)
def test_what_says_no_values(source: str, submit: Make) -> None:
    assert steps(submit, source) == ()


def test_geometry_and_the_library(submit: Make) -> None:
    source = (
        "SIZE = 224\n"
        "Compose([Resize((256, 256)), CenterCrop(SIZE)])\n"
        "RandomResizedCrop(SIZE)\n"
        "Resize((200, 300))\n"
        "preset = weights.transforms()\n"
        "timm.data.resolve_model_data_config(model)\n"
        "transforms()\n"
    )
    assert steps(submit, source) == (
        step(2, resize=256), step(2, crop=224), step(5, library=True), step(6, library=True),
    )  # fmt: skip


def test_only_the_students_own_python_is_read(submit: Make) -> None:
    wrong = "Normalize((0.1, 0.1, 0.1), (0.1, 0.1, 0.1))"
    paths = ("tests/test_a.py", ".venv/lib/a.py", "venv/a.py", "finetune/.hidden.py", "notes.txt")
    assert preprocessing.applied(submit(dict.fromkeys(paths, wrong)), LOG).steps == ()


@pytest.mark.parametrize(
    "source",
    ["def (", "(" * 100_000, "-" * 100_000 + "1", "a" + ".b" * 100_000, "x = '\0'", b"\xff\xfe", "1" * 10_000,
     "a" + "[0]" * 60_000, "#" * 300_000],
)  # fmt: skip
def test_hostile_sources_are_named_and_do_no_harm(source: str | bytes, submit: Make) -> None:
    files = {"bad.py": source, "good.py": "Normalize(0.5, 0.5)"}
    found = preprocessing.applied(submit(files), LOG)
    assert (found.unread, len(found.steps)) == (("bad.py",), 1)


def test_a_source_that_doubles_with_each_name_takes_no_time(submit: Make) -> None:
    levels = [
        f"A{n} = (A{n + 1}, A{n + 1}, A{n + 1}, A{n + 1})\nB{n} = B{n + 1} * B{n + 1}" for n in range(100)
    ]
    calls = ["Normalize(A0, B0)"] * 3_000
    start = time.perf_counter()
    assert steps(submit, "\n".join([*levels, *calls])) == ()
    assert time.perf_counter() - start < 5


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.sampled_from(["M", "0.5", "255", "x.y", "f(1)"]), lambda inner: st.one_of(
    inner.map(lambda each: f"-({each})"),
    st.tuples(inner, inner).map(lambda two: f"({two[0]}) / ({two[1]})"),
    st.tuples(inner, inner).map(lambda two: f"[{two[0]}] * ({two[1]})"),
    st.lists(inner, max_size=4).map(lambda each: f"({', '.join(each)},)" if each else "()"),
), max_leaves=12))  # fmt: skip
def test_no_expression_breaks_the_reader(expression: str) -> None:
    import ast

    from grader import programs
    from grader.preprocessing import constants

    source = programs.Source("a.py", ast.parse(f"M = {expression}\nNormalize({expression}, M)"))
    scope = constants.scopes([source])["a.py"]
    numbers = scope.numbers(ast.parse(expression, mode="eval").body)
    assert numbers == () or len(numbers) == 3


def record(**values: object) -> str:
    full = {"mean": MEAN, "std": STD, "resize": 256, "crop": 224, "interpolation": "bilinear", **values}
    return json.dumps({"event": "run", "preprocessing": full})


def test_the_record_of_the_log(submit: Make) -> None:
    epoch = '{"event": "epoch"}'
    found = preprocessing.recorded(submit({LOG[0]: f"not json\n{record()}\n{epoch}\n"}), LOG)
    assert found == Recorded(
        where="logs/train.jsonl:2", mean=MEAN, std=STD, resize=256, crop=224, interpolation="bilinear"
    )


@pytest.mark.parametrize(
    "log",
    ["", "[]", "{}", '{"event": "run"}', '{"event": "run", "preprocessing": 5}', "[" * 100_000,
     record(mean="x"), record(mean=[1, 2]), record(resize="big"), "\n" * 50 + record()],
)  # fmt: skip
def test_logs_without_a_record(log: str, submit: Make) -> None:
    assert preprocessing.recorded(submit({LOG[0]: log}), LOG) is None
    assert preprocessing.recorded(submit({"submission.toml": CONTRACT}), LOG) is None
