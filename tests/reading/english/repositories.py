"""Small submissions in memory: an English one, to which the tests add a line."""

from collections.abc import Iterable, Sequence

from grader.reading import english

ENGLISH_FILES = {
    "train.py": '''"""Fine-tunes a pretrained network on two classes."""

import torch
from torch import nn


class Classifier(nn.Module):
    """A frozen backbone with a new head."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(2048, classes)  # the only layer that is trained in the first phase

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(images)


def train(model, loader, optimizer, epochs=10):
    # one pass over the training images for each epoch
    for epoch in range(epochs):
        running_loss = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
        print(f"epoch {epoch}: loss {running_loss:.4f}")
''',
    "README.md": """# Cats and dogs

Fine-tuning of a ResNet-50 on two classes of Open Images.

## How to run

```bash
pip install -r requirements.txt  # once
python train.py --epochs 10
```

The best accuracy on the test set was 97.5 %. Kovács Anna and Nagy Péter took the measurements.
""",
}


def inspected(
    files: dict[str, str | bytes],
    *,
    settings: english.Settings = english.STANDARD,
    pages: Sequence[str] = (),
    commits: Iterable[tuple[str, str]] = (),
    people: Iterable[str] = (),
) -> english.Inspection:
    content = {
        path: text.encode() if isinstance(text, str) else text
        for path, text in (ENGLISH_FILES | files).items()
    }
    sources = english.Sources(
        sizes={path: len(data) for path, data in content.items()},
        read=content.__getitem__,
        document_text=lambda _path, _data: list(pages),
        commits=commits,
        people=people,
    )
    return english.inspect(sources, settings)


def places(inspection: english.Inspection) -> list[str]:
    return [hit.where for hit in inspection.hits]
