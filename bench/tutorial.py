"""Fine-tuning as PyTorch's transfer learning tutorial writes it, for bench/training.py to compare with.

https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html: every epoch decodes every image
and runs the whole network; `model.train()` puts frozen BatchNorm layers into training mode too. Only what
makes the runs comparable is ours: the same network, split, freeze points, epochs, batch size and optimiser.
The tutorial's four worker processes are left out, since processor time is what is measured.
"""

import argparse
import json
import time
from pathlib import Path

import safetensors.torch
import torch
from finetune import backbone, preprocess, submission
from finetune.parts import splits
from finetune.parts.photographs import labelled
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Images(Dataset):
    """What the tutorial's ImageFolder does, for files that our splits name."""

    def __init__(self, samples, transform):
        self.samples, self.transform = samples, transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, label = self.samples[index]
        with Image.open(path) as image:
            return self.transform(image.convert("RGB")), label


def train_model(model, loaders, optimizer, scheduler, epochs):
    criterion = nn.CrossEntropyLoss()
    seconds = []  # of processor time, for each epoch
    for _ in range(epochs):
        began = time.process_time()
        for phase in ("train", "val"):
            if phase == "train":
                model.train()
            else:
                model.eval()
            for inputs, labels in loaders[phase]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(phase == "train"):
                    loss = criterion(model(inputs), labels)
                    if phase == "train":
                        loss.backward()
                        optimizer.step()
            if phase == "train":
                scheduler.step()
        seconds.append(time.process_time() - began)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs-head", type=int, required=True)
    parser.add_argument("--epochs-upper", type=int, required=True)
    parser.add_argument("--channels-last", action="store_true", help="as a tuned script would do")
    arguments = parser.parse_args()
    wanted = submission.read()
    torch.manual_seed(wanted.seed)

    prepare = preprocess.of_weights(wanted.model)
    normalize = transforms.Normalize(prepare.mean, prepare.std)
    augmented = [
        transforms.RandomResizedCrop(prepare.crop, scale=(0.7, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normalize,
    ]
    rows = splits.read(Path(wanted.data.splits))
    loaders = {
        split: DataLoader(
            Images(labelled([row for row in rows if row.split == split], wanted.classes), transform),
            batch_size=32,
            shuffle=split == "train",
        )
        for split, transform in (
            ("train", transforms.Compose(augmented)),
            ("val", preprocess.evaluation(prepare)),
        )
    }

    model = backbone.build(wanted.model, len(wanted.classes))
    if arguments.channels_last:
        model.network.to(memory_format=torch.channels_last)
    seconds = {}
    for phase, layers, epochs, rate in (
        ("head", (model.head,), arguments.epochs_head, 1e-2),
        ("upper", (*model.upper, model.head), arguments.epochs_upper, 1e-3),
    ):
        for parameter in model.network.parameters():
            parameter.requires_grad = False
        learning = [p for name in layers for p in model.network.get_submodule(name).parameters()]
        for parameter in learning:
            parameter.requires_grad = True
        optimizer = torch.optim.AdamW(learning, lr=rate, weight_decay=1e-4)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        seconds[phase] = train_model(model.network, loaders, optimizer, scheduler, epochs)
    safetensors.torch.save_file(backbone.changed(model), wanted.model.checkpoint)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
