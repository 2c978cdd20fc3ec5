"""Fine-tuning as fastai does it, for bench/training.py to compare with.

https://docs.fast.ai/callback.schedule.html#learner.fine_tune: frozen first, then with upper layers, each time
`fit_one_cycle`. fastai's own defaults stay: BatchNorm layers learn even where the rest is frozen, so
gradients run through the whole network in both phases. The network, the splits, the freeze points, the epochs
and the batch size are ours.
"""

import argparse
import json
import time
from pathlib import Path

import safetensors.torch
from fastai.vision.all import (
    Callback,
    CategoryBlock,
    DataBlock,
    Flip,
    ImageBlock,
    IndexSplitter,
    Learner,
    Normalize,
    RandomResizedCrop,
    params,
)
from finetune import backbone, preprocess, submission
from finetune.parts import splits
from finetune.parts.photographs import labelled
from torch import nn


class Clock(Callback):
    """CPU seconds of each epoch."""

    def __init__(self):
        self.epochs = []

    def before_epoch(self):
        self.began = time.process_time()

    def after_epoch(self):
        self.epochs.append(time.process_time() - self.began)


def groups(model):
    """What fastai calls a splitter: the parameters below, those of the upper layers, those of the head."""

    def split(network):
        upper = [p for name in model.upper for p in params(network.get_submodule(name))]
        head = params(network.get_submodule(model.head))
        learning = {id(p) for p in [*upper, *head]}
        return [[p for p in params(network) if id(p) not in learning], upper, head]

    return split


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs-head", type=int, required=True)
    parser.add_argument("--epochs-upper", type=int, required=True)
    arguments = parser.parse_args()
    wanted = submission.read()
    prepare = preprocess.of_weights(wanted.model)
    rows = splits.read(Path(wanted.data.splits))
    train, val = (
        labelled([row for row in rows if row.split == split], wanted.classes) for split in ("train", "val")
    )
    images = [*train, *val]
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=[0, 1])),
        get_x=lambda number: images[number][0],
        get_y=lambda number: images[number][1],
        splitter=IndexSplitter(range(len(train), len(images))),
        item_tfms=RandomResizedCrop(prepare.crop, min_scale=0.7),
        batch_tfms=[Flip(), Normalize.from_stats(prepare.mean, prepare.std)],
    )
    loaders = block.dataloaders(range(len(images)), bs=32, num_workers=0)
    model = backbone.build(wanted.model, len(wanted.classes))
    learner = Learner(loaders, model.network, loss_func=nn.CrossEntropyLoss(), splitter=groups(model))
    seconds = {}
    for phase, frozen_groups, epochs, rate in (
        ("head", -1, arguments.epochs_head, 1e-2),
        ("upper", -2, arguments.epochs_upper, 1e-3),
    ):
        learner.freeze_to(frozen_groups)
        clock = Clock()
        with learner.no_bar(), learner.no_logging():
            learner.fit_one_cycle(epochs, rate, cbs=clock)
        seconds[phase] = clock.epochs
    safetensors.torch.save_file(backbone.changed(model), wanted.model.checkpoint)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
