"""The retrain lane: what a training sees and may do, what is kept of it, and what two networks say."""

import fcntl
import os
import queue
import threading
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from safetensors.torch import load, save

from grader.checks.retrain import Both, Retrain, RetrainMeasured
from grader.ground import chance
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding
from grader.sandbox import devices
from grader.submission import Submission
from tests.conftest import hide_sandboxes
from tests.running.conftest import Give, edited
from tests.workers.conftest import CONTRACT, Homework

TRAIN = """
import csv, os, pathlib, sys
rows = list(csv.DictReader(open("data/splits.csv")))
images = {path.stem for path in pathlib.Path(sys.argv[1]).iterdir()}
assert {row["split"] for row in rows} == {"train", "val"}, rows
assert images == {row["image_id"] for row in rows}, images
left = {str(path) for path in pathlib.Path(".").rglob("*") if path.is_file()}
assert not left & {"model.safetensors", "head.safetensors", "predictions.csv", "results.json",
                   "logs/train.jsonl"}, left
assert any(pathlib.Path(os.environ["COURSEWORK_WEIGHTS"]).iterdir())
pathlib.Path("data/cache").mkdir()
pathlib.Path("data/cache/activations").write_bytes(bytes(1000))
pathlib.Path("logs/train.jsonl").write_text(LOG)
pathlib.Path(sys.argv[2]).write_bytes(pathlib.Path("recipe.bin").read_bytes())
"""
RUN = '[run]\ntrain = ["python", "train.py", "{images}", "{out}"]\n'
LOG = '{"event": "run", "seed": 7, "settings": {"epochs": 3}, "time": "now"}\n'
ON_CPU = Retrain(gpu=False, minutes=1, memory=2, disk=1)
LARGE_DISK = replace(ON_CPU, disk=2)


def training(give: Give, homework: Homework, source: str, **files: str | bytes) -> Submission:
    """Half of the images are those to train on; `recipe.bin` is what the training arrives at."""

    def other_splits(rows: list[list[str]]) -> None:
        for number, row in enumerate(rows[1:]):
            row[2] = ("test", "train", "val", "test")[number // 2 % 4]

    splits = edited(homework.files["data/splits.csv"], other_splits)
    kept = {row.split(b",")[0] for row in splits.splitlines() if b",test," in row}

    def only_tests(rows: list[list[str]]) -> None:
        rows[1:] = [row for row in rows[1:] if row[0].encode() in kept]

    return give(
        **{
            "submission.toml": CONTRACT + RUN,
            "train.py": f"LOG = {LOG!r}\n{source}",
            "data/splits.csv": splits,
            "predictions.csv": edited(homework.files["predictions.csv"], only_tests),
            "recipe.bin": homework.files["model.safetensors"],
            "logs/train.jsonl": LOG,
            **files,
        }
    )


def findings(submission: Submission, check: Retrain = ON_CPU) -> list[Finding]:
    return list(check.judge(check.restore(msgspec.to_builtins(check.collect(submission)))))


def test_it_trains_on_its_own_images_and_sees_neither_results_nor_test_images(
    give: Give, homework: Homework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = training(give, homework, TRAIN)
    again, same, compared = findings(submission)
    assert {each.level for each in (again, same, compared)} == {"note"}
    assert "on the processor, without the test images and the log's seed 7: 12/12 = 1.0000" in again.message
    assert same.message == "the tensors are the same as those that were handed in, byte by byte"
    assert "0 of 12 predictions differ, 0 right ones became wrong and 0 wrong ones right" in compared.message
    hide_sandboxes(monkeypatch, tmp_path)  # nothing could be trained again
    assert findings(submission) == [again, same, compared]


def test_what_the_training_does_not_write_is_not_taken_from_what_was_handed_in(
    give: Give, homework: Homework
) -> None:
    silent = TRAIN.replace('pathlib.Path("logs/train.jsonl").write_text(LOG)', "")
    (again, *_) = findings(training(give, homework, silent))
    assert "seed" not in again.message
    silent = TRAIN.replace(
        "pathlib.Path(sys.argv[2]).write_bytes", "open(sys.argv[2], 'wb').truncate(LARGE);(lambda _: 0)"
    )
    (found,) = findings(training(give, homework, f"LARGE = {(1 << 30) + 1}\n{silent}"), LARGE_DISK)
    assert "wrote a model.safetensors of 1,073,741,825 bytes, at most 1,073,741,824 are read" in found.message


def test_other_settings_than_the_log_states_are_told(give: Give, homework: Homework) -> None:
    other = LOG.replace('"epochs": 3', '"epochs": 5')
    found = findings(training(give, homework, TRAIN, **{"logs/train.jsonl": other}))
    (warned,) = [each.message for each in found if each.level == "warning"]
    assert warned == "[run] train trains otherwise than the log: settings.epochs 5 in the log, 3 here"


def test_a_worse_network_is_evidence_and_no_fail(give: Give, homework: Homework) -> None:
    tensors = load(homework.files["model.safetensors"])
    worse = save({name: -each if "fc." in name else each for name, each in tensors.items()})
    found = findings(training(give, homework, TRAIN, **{"recipe.bin": worse}))
    assert [each.level for each in found] == ["note", "warning"]
    # 12 right ones lost, none won: 1 / 2^12
    assert (
        "12 right ones became wrong and 0 wrong ones right (exact one-sided McNemar test, p = 0.00024)"
        in (found[1].message)
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise SystemExit('no such layer')", "the program [run] train ended with status 1: no such layer"),
        ("print(1)", "the program [run] train ended well and wrote no model.safetensors"),
        (TRAIN.replace('"recipe.bin"', '"train.py"'), "model.safetensors is not a whole safetensors file"),
    ],
)  # fmt: skip
def test_a_training_that_breaks_is_told_and_fails_nothing(
    source: str, words: str, give: Give, homework: Homework
) -> None:
    (found,) = findings(training(give, homework, source))
    assert found.level == "warning" and words in found.message


def test_what_is_nobodys_trouble(give: Give, homework: Homework) -> None:
    with pytest.raises(NotMeasured, match=r"names no command \[run\] train"):
        findings(training(give, homework, TRAIN, **{"submission.toml": CONTRACT}))
    with pytest.raises(NotMeasured, match="took more than 0.6 s here"):
        findings(training(give, homework, "import time; time.sleep(60)"), replace(ON_CPU, minutes=0.01))


def test_without_a_card_nothing_runs_for_hours(give: Give, homework: Homework) -> None:
    if devices.nodes():
        pytest.skip("there is a card here")
    with pytest.raises(NotMeasured, match="no NVIDIA device here to train on"):
        findings(training(give, homework, TRAIN), Retrain())


def test_no_path_leads_out(give: Give, homework: Homework) -> None:
    out = CONTRACT.replace("[model]", '[log]\npaths = ["../../../../etc/hostname"]\n[model]') + RUN
    (found,) = findings(training(give, homework, TRAIN, **{"submission.toml": out}))
    assert "'../../../../etc/hostname' lies outside of the repository" in found.message


# By scipy.stats.binomtest(lost, lost + won, 0.5, "greater")
@pytest.mark.parametrize(
    ("lost", "won", "p"),
    [(19, 6, 0.007316648960113525), (18, 7, 0.02164262533187866), (5, 0, 1 / 32), (0, 0, 1.0),
     (3, 9, 0.980712890625)],
)  # fmt: skip
def test_mcnemars_exact_test(lost: int, won: int, p: float) -> None:
    assert chance.better_on_the_same(lost, won) == pytest.approx(p, rel=1e-12)


# By scipy.stats.fisher_exact([[a, n - a], [b, m - b]], "greater"); the tea: R. A. Fisher, 1935
@pytest.mark.parametrize(
    ("one", "other", "p"),
    [((3, 4), (1, 4), 17 / 70), ((190, 200), (176, 200), 0.009311587669127815),
     ((170, 200), (150, 200), 0.00859574301886636),
     ((50, 100), (60, 100), 0.9411418375003133)],
)  # fmt: skip
def test_fishers_exact_test(one: tuple[int, int], other: tuple[int, int], p: float) -> None:
    assert chance.fisher(one, other, sided=1) == pytest.approx(p, rel=1e-9)


def both(lost: int, won: int, right: int) -> tuple[Both, ...]:
    kinds = (("a", "b"),) * lost + (("b", "a"),) * won + (("a", "a"),) * right
    return tuple(Both(f"i{n}", "a", stated, again) for n, (stated, again) in enumerate(kinds))


@pytest.mark.parametrize(
    ("measured", "level", "words"),
    [
        (RetrainMeasured(images=both(19, 6, 175)), "warning",
         "25 of 200 predictions differ, 19 right ones became wrong and 6 wrong ones right"
         " (exact one-sided McNemar test, p = 0.0073), below 0.01: more than chance explains"),
        (RetrainMeasured(images=both(18, 7, 175)), "note", "p = 0.022"),
        (RetrainMeasured(images=both(6, 19, 175)), "note", "p = 1"),
        (RetrainMeasured(images=both(19, 6, 175), other_settings=("seed 1 in the log, 2 here",)), "note",
         "the settings are not the same, though"),
    ],
)  # fmt: skip
def test_two_networks_on_the_same_images(measured: RetrainMeasured, level: str, words: str) -> None:
    *_, found = Retrain().judge(measured)
    assert found.level == level and words in found.message


def test_where_only_an_accuracy_was_handed_in() -> None:
    images = tuple(replace(image, stated="") for image in both(24, 0, 176))
    *_, found = Retrain().judge(RetrainMeasured(images=images, claimed=0.95))
    assert found.level == "warning"
    assert "190/200 = 0.9500 (95 % interval 0.910 to 0.973), without predictions" in found.message
    assert "exact one-sided Fisher test, p = 0.0093" in found.message


def test_a_card_serves_one_program_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for name in ("nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert devices.cards(tmp_path) == [0, 3]
    assert [Path(node).name for node in devices.nodes(3, tmp_path)] == ["nvidia3", "nvidiactl", "nvidia-uvm"]
    with devices.one_card(tmp_path) as first, devices.one_card(tmp_path) as second:
        assert (first, second) == (0, 3)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with devices.one_card(tmp_path) as card:
        assert card == 3
    assert devices.environment(3)["CUDA_VISIBLE_DEVICES"] == "0"
    assert devices.environment(None)["CUDA_VISIBLE_DEVICES"] == "3"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    taken = os.open(tmp_path / "nvidia0", os.O_RDONLY)
    fcntl.flock(taken, fcntl.LOCK_EX)
    (tmp_path / "nvidia3").unlink()
    monkeypatch.setattr(devices, "PAUSE", 0.01)
    given: queue.Queue[int | None] = queue.Queue()

    def wait_for_a_card() -> None:
        with devices.one_card(tmp_path) as card:
            given.put(card)

    waiting = threading.Thread(target=wait_for_a_card, daemon=True)
    waiting.start()
    try:
        with pytest.raises(queue.Empty):
            given.get(timeout=0.2)
    finally:
        os.close(taken)
    assert given.get(timeout=60) == 0
    waiting.join()
    (tmp_path / "nvidia0").unlink()
    with devices.one_card(tmp_path) as card:
        assert card is None
