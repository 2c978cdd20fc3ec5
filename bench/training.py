"""Fine-tuning side by side: our loop, our --plain, PyTorch's tutorial, fastai, Keras; one thread each.

    make bench-training
    make bench-training BENCH_FLAGS="--train 40 --val 10 --test 50 --epochs-head 2 --epochs-upper 2 --seeds 1"
    make bench-training BENCH_FLAGS="--baseline-epochs 1 --seeds 1"    # hours less; see all_ways

Nothing is downloaded: photographs of 1024 x 768 are scikit-learn's two, cut and turned at random, with a
handwritten digit laid over each; the network tells even from odd ones. Machines differ and are noisy: read
the ratios.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy
from photographs import CLASSES, make_photographs

ROOT = Path(__file__).parents[1]
KEPT_HEAP = {"MALLOC_MMAP_THRESHOLD_": "201326592", "MALLOC_TRIM_THRESHOLD_": "4294967296"}
IN_KERAS = ("tf_efficientnet_lite0", "vgg16", "resnet50")  # see with_keras.py


@dataclass
class Way:
    """One way to train: its command, its environment, and what was measured, a value for each seed."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    baseline: bool = False  # takes epochs only, and prints the CPU seconds of each
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    computed: bool = False  # from fewer epochs
    right: int = 0
    tested: int = 0


def main() -> None:
    options = arguments()
    ways = [way for way in all_ways(options) if not options.only or way.name in options.only]
    with tempfile.TemporaryDirectory() as folder:
        photographs = Path(folder) / "photographs"
        needed = options.train + options.val + options.test
        make_photographs(photographs, needed + needed // 10 + 5)  # some look alike, and are left out
        for seed in range(options.seeds):
            project = make_project(Path(folder) / f"seed-{seed}", photographs, seed, options)
            for way in ways:
                measure(way, project, options)
                so_far = f"{way.cpu[-1]:.1f} CPU s, {way.peak[-1]:.2f} GiB, {way.right} of {way.tested} right"
                print(f"seed {seed}: {way.name}: {so_far}", file=sys.stderr, flush=True)
        lowest = floor(project, options)
    show(ways, lowest, options)


def all_ways(options: argparse.Namespace) -> list[Way]:
    """Ours run all epochs; a baseline, whose epochs all cost the same, as many as the options allow."""
    ours = ["-m", "finetune.train", *epochs(options, 10**9), "--views", str(options.views)]
    few = epochs(options, options.baseline_epochs)
    tutorial, fastai, keras = (
        [str(ROOT / "bench" / name), *few] for name in ("tutorial.py", "with_fastai.py", "with_keras.py")
    )
    return [
        Way("ours", ours, KEPT_HEAP),
        Way("ours, again, other head rate", [*ours, "--learning-rate-head", "5e-3"], KEPT_HEAP),
        Way("ours --plain", [*ours, "--plain"], KEPT_HEAP),
        Way("tutorial", tutorial, baseline=True),
        Way("tutorial, channels_last, heap kept", [*tutorial, "--channels-last"], KEPT_HEAP, baseline=True),
        Way("fastai", fastai, baseline=True),
        *([Way("keras", keras, baseline=True)] if options.backbone in IN_KERAS else []),
    ]


def epochs(options: argparse.Namespace, most: int) -> list[str]:
    head, upper = min(most, options.epochs_head), min(most, options.epochs_upper)
    return ["--epochs-head", str(head), "--epochs-upper", str(upper)]


def make_project(folder: Path, photographs: Path, seed: int, options: argparse.Namespace) -> Path:
    """A student's repository with these photographs, split by the seed."""
    leave = shutil.ignore_patterns("data", "logs", ".venv", "__pycache__")
    shutil.copytree(ROOT / "student", folder, ignore=leave)
    upper = f"upper_layers = {json.dumps(options.upper)}" if options.upper else ""
    (folder / "submission.toml").write_text(f"""\
schema = 1
assignment = "bench"
student = "SEED{seed}"
classes = {json.dumps(CLASSES)}
[data]
source = "folder"
folder = "{photographs}"
train = {options.train}
val = {options.val}
test = {options.test}
[model]
library = "{options.library}"
backbone = "{options.backbone}"
weights = "{options.weights}"
{upper}
""")
    run(["-m", "finetune.data"], folder, {})
    return folder


def measure(way: Way, project: Path, options: argparse.Namespace) -> None:
    """Train and take the times; then let the student's own `evaluate` say how good the network is."""
    (project / "model.safetensors").unlink(missing_ok=True)
    began = time.monotonic()
    usage, output = run(way.command, project, way.environment)
    way.wall.append(time.monotonic() - began)
    left_out = not_run(json.loads(output.splitlines()[-1]), options) if way.baseline else 0
    way.computed = left_out > 0
    way.cpu.append(usage.ru_utime + usage.ru_stime + left_out)
    way.peak.append(usage.ru_maxrss / 2**20)  # Linux counts it in KiB
    if not way.computed and (project / "model.safetensors").exists():
        run(["-m", "finetune.evaluate"], project, KEPT_HEAP)
        results = json.loads((project / "results.json").read_text())
        way.right += results["correct"]
        way.tested += results["test_images"]


def not_run(seconds: dict[str, list[float]], options: argparse.Namespace) -> float:
    """What the epochs that were left out would have cost: as much as those of their phase that ran."""
    planned = {"head": options.epochs_head, "upper": options.epochs_upper}
    return sum(numpy.mean(each) * (planned[phase] - len(each)) for phase, each in seconds.items() if each)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[resource.struct_rusage, str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    clean = {key: value for key, value in os.environ.items() if key not in KEPT_HEAP}
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=clean | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path} | environment,
            stdout=output,
        )
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        text = output.read()
    if status:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return usage, text


def floor(project: Path, options: argparse.Namespace) -> dict[str, float]:
    """What our way cannot go below: each needed piece of work once, timed alone, in CPU seconds."""
    process = subprocess.run(
        [sys.executable, str(ROOT / "bench/floor.py")],
        cwd=project,
        env=os.environ | KEPT_HEAP | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(project)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    each = json.loads(process.stdout)
    train, val = 2 * options.train, 2 * options.val
    return {
        "decoding, once": (train + val) * each["decode"],
        "frozen layers, once a view": (train * options.views + val) * each["frozen"],
        "upper layers, every epoch": options.epochs_upper * (train * each["step"] + val * each["val"]),
    }


def show(ways: list[Way], lowest: dict[str, float], options: argparse.Namespace) -> None:
    sys.path.insert(0, str(ROOT / "student"))
    from finetune.evaluate import wilson

    print(
        f"{options.library} {options.backbone}, upper layers {' '.join(options.upper) or '(default)'}, "
        f"{2 * options.train} + {2 * options.val} photographs of 1024 x 768, "
        f"{options.epochs_head} + {options.epochs_upper} epochs, {options.views} views, "
        f"{options.seeds} seeds, one thread"
    )
    print(f"{'':40}{'CPU s':>15}{'ratio':>15}{'wall s':>8}{'GiB':>6}  accuracy, 95 % interval")
    ours = numpy.array(ways[0].cpu)
    for way in ways:
        wall = "" if way.computed else f"{numpy.mean(way.wall):.1f}"
        print(
            f"{way.name:40}{spread(way.cpu, 1):>15}{spread(way.cpu / ours, 2):>15}{wall:>8}"
            f"{max(way.peak):6.2f}  {accuracy(way, wilson)}"
        )
    print(f"{'floor':40}{sum(lowest.values()):8.1f}{sum(lowest.values()) / numpy.mean(ours):15.2f}")
    for name, seconds in lowest.items():
        print(f"  {name:38}{seconds:8.1f}")


def spread(values: Sequence[float], digits: int) -> str:
    """The mean over the seeds and, of more than one, their standard deviation."""
    more = f" +- {numpy.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{numpy.mean(values):.{digits}f}{more}"


def accuracy(way: Way, wilson: Callable[[int, int], list[float]]) -> str:
    if way.computed:
        return "CPU s computed from fewer epochs"
    if not way.tested:
        return "speed only"
    low, high = wilson(way.right, way.tested)
    return f"{way.right / way.tested:.3f} ({low:.3f} to {high:.3f}, n = {way.tested})"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, default in (("train", 400), ("val", 100), ("test", 100)):
        parser.add_argument(f"--{name}", type=int, default=default, help="photographs of each class")
    parser.add_argument("--epochs-head", type=int, default=5)
    parser.add_argument("--epochs-upper", type=int, default=5)
    parser.add_argument("--views", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--baseline-epochs", type=int, default=10**9, help="run no more of each phase")
    parser.add_argument("--only", nargs="*", help="the ways to run, by name")
    parser.add_argument("--library", default="timm")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    parser.add_argument("--weights", default="default")
    parser.add_argument("--upper", nargs="*", default=["blocks.5", "blocks.6", "conv_head", "bn2"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
