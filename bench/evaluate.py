"""Twenty submissions of one assignment: one warm worker for all, beside a plain process for each.

    python bench/evaluate.py [--students 20] [--images 40] [--backbone tf_efficientnet_lite0] [--own-images]

CPU seconds of the processes and all their children, one thread. The plain process is what a script written
for the purpose does: imports, builds the network, loads the tensors, opens the images with Pillow, and
predicts 32
at a time. Every student trained the last block of the backbone and a head; all have the same test images,
or none
shared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

PLAIN = """
import json, sys
import timm, torch
from PIL import Image
from safetensors.torch import load_file
from torchvision import transforms
torch.set_num_threads(1)
given = json.load(sys.stdin)
network = timm.create_model(given["backbone"], num_classes=2)
network.load_state_dict({**load_file(given["pretrained"]), **load_file(given["checkpoint"])}, strict=False)
network.eval()
prepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                              transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
found = []
with torch.no_grad():
    for start in range(0, len(given["images"]), 32):
        batch = [prepare(Image.open(path).convert("RGB")) for path in given["images"][start:start + 32]]
        found += network(torch.stack(batch)).argmax(1).tolist()
json.dump(found, sys.stdout)
"""

MAKE = """
import json, sys
import numpy, timm, torch
from PIL import Image
from safetensors.torch import save_file
folder, backbone, students, images = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.manual_seed(0)
network = timm.create_model(backbone, num_classes=2)
tensors = network.state_dict()
head = {name for name in tensors if name.startswith(("classifier.", "fc.", "head."))}
public = {name: each for name, each in tensors.items() if name not in head}
save_file(public, f"{folder}/pretrained.safetensors")
blocks = [name.rpartition(".")[0] for name, _ in network.named_parameters() if name not in head]
last = ".".join(blocks[-1].split(".")[:2])
for number in range(students):
    moved = {name: each + 0.02 * torch.randn_like(each) for name, each in tensors.items()
             if each.is_floating_point() and (name in head or name.startswith(last))}
    save_file(moved, f"{folder}/student-{number}.safetensors")
for number in range(images):
    noise = numpy.random.default_rng(number).integers(0, 255, (12, 16, 3)).astype("uint8")
    Image.fromarray(noise).resize((1024, 768), Image.BICUBIC).save(f"{folder}/image-{number}.jpg", quality=90)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--own-images", action="store_true", help="no image is shared by two students")
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        students, images = str(arguments.students), str(arguments.images)
        subprocess.run([sys.executable, "-c", MAKE, name, arguments.backbone, students, images], check=True)
        paths = [str(folder / f"image-{number}.jpg") for number in range(arguments.images)]
        checkpoints = [str(folder / f"student-{number}.safetensors") for number in range(arguments.students)]
        own = [
            copies(folder, number, paths) if arguments.own_images else paths
            for number in range(arguments.students)
        ]
        began = spent()
        plain = [
            ask(
                ["-c", PLAIN],
                {
                    "backbone": arguments.backbone,
                    "images": images,
                    "checkpoint": checkpoint,
                    "pretrained": str(folder / "pretrained.safetensors"),
                },
            )
            for checkpoint, images in zip(checkpoints, own, strict=True)
        ]
        middle = spent()
        warm = ask(
            ["-m", "grader.workers.evaluate_class"], request(arguments.backbone, folder, checkpoints, own)
        )
        ended = spent()
    predicted = [
        [each["predicted"] for each in answer["checkpoints"]["final"]["predictions"]]
        for answer in warm["answers"]
    ]
    cold_seconds, warm_seconds = middle - began, ended - middle
    each = len(checkpoints)
    print(f"{arguments.backbone}, {each} students, {len(paths)} images of 1024x768, one thread")
    print(f"a plain process each: {cold_seconds:7.1f} CPU s, {cold_seconds / each:.2f} per student")
    print(f"one warm worker:      {warm_seconds:7.1f} CPU s, {warm_seconds / each:.2f} per student")
    share = warm_seconds / cold_seconds
    print(f"share {share:.3f} (<= 0.25) {'reached' if share <= 0.25 else 'MISSED'}")
    print(f"predictions are {'the same' if predicted == plain else 'NOT THE SAME'}")


def copies(folder: Path, number: int, paths: list[str]) -> list[str]:
    """The same images under names of this student's own: for a worker they are other images."""
    links = [folder / f"own-{number}-{Path(path).name}" for path in paths]
    for link, path in zip(links, paths, strict=True):
        link.hardlink_to(path)
    return [str(link) for link in links]


def request(backbone: str, folder: Path, checkpoints: list[str], own: list[list[str]]) -> dict[str, object]:
    reference = {
        "resize": 256, "crop": 224, "fit": "center", "interpolation": "bilinear", "order": "rgb",
        "mean": [0.5] * 3, "std": [0.5] * 3, "source": "the bench",
    }  # fmt: skip
    return {
        "library": "timm",
        "backbone": backbone,
        "classes": 2,
        "reference": reference,
        "threads": 1,
        "pretrained": str(folder / "pretrained.safetensors"),
        "parts": [
            {"checkpoints": {"final": checkpoint}, "images": images}
            for checkpoint, images in zip(checkpoints, own, strict=True)
        ],
    }


def ask(command: list[str], question: object) -> "list[int] | dict[str, list[dict[str, dict[str, object]]]]":
    answer = subprocess.run(
        [sys.executable, *command], input=json.dumps(question).encode(), capture_output=True, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if answer.returncode:
        raise SystemExit(answer.stderr.decode())
    return json.loads(answer.stdout)


def spent() -> float:
    """CPU seconds of all children that have ended, theirs included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
