"""Transfer learning on one page: `make lesson`, after `make data`. The notebook lesson.ipynb is the same.

It teaches a network that knows ImageNet (1.2 million photographs of 1,000 classes) to tell your own classes
apart, in two phases. `make train --plain` learns the same, number by number; train.py adds what makes it fast
and safe to interrupt. Read this page first, then train.py. Then change something.
"""

# %%
import dataclasses
import math
import random
import time
from pathlib import Path

import torch
from torch import nn

from finetune import backbone, preprocess, submission, train
from finetune.parts import devices, files, journal, pixels, splits, weights

# %% [markdown]
# ## 1. Settings
# The numbers that a run is made with. Change them here, and compare by the **validation** accuracy.

# %%
EPOCHS_HEAD = 3  # phase one shows each training image so many times ...
EPOCHS_UPPER = 8  # ... and phase two so many times more
BATCH_SIZE = 32  # images for one step; their gradients are averaged
RATE_HEAD = 1e-2  # length of a step in phase one: the new head starts from nothing
RATE_UPPER = 1e-3  # in phase two a tenth of it: these layers are good already, large steps would spoil them
WEIGHT_DECAY = 1e-4  # pulls all weights a little towards zero, against learning images by heart
VIEWS = 4  # random parts of each training image, shown in turn

# %% [markdown]
# ## 2. The images
# Three splits: the network learns from `train`; we choose settings by `val`; `test` is looked at once, at
# the end.

# %%
wanted = submission.read()  # submission.toml
rows = splits.read(Path(wanted.data.splits))  # one row for each image: its id, its class, its split
split = {name: [row for row in rows if row.split == name] for name in ("train", "val", "test")}
here = files.images()  # id -> file
# Each network wants its images as in its own training: this size, and colours with this mean and this spread.
# With others, nothing fails, and accuracy is lost without a word. So the numbers come with the weights.
prepare = preprocess.of_weights(wanted.model)


def batch_of(some, view=""):
    """These images as a tensor [images, 3, height, width], and the numbers of their classes [images]."""
    images = []
    for row in some:
        path = here[row.image_id]
        if view:  # in training: a random part, at times mirrored, so that no image is ever quite the same
            draw = random.Random(f"{view} {path.stem}")
            images.append(preprocess.augmented(pixels.decoded(path, prepare), prepare, draw))
        else:  # to measure: always the middle
            images.append(preprocess.evaluation(prepare)(preprocess.load(path)))
    labels = [wanted.classes.index(row.label) for row in some]
    return devices.place(torch.stack(images)), torch.tensor(labels)


# %% [markdown]
# ## 3. The network
# Lower layers see edges and textures, upper ones parts of objects. Both are useful for any photograph. Only
# the last layer, the **head**, names the 1,000 classes of ImageNet: it gives way to a new one for our
# classes.

# %%
devices.make_reproducible()  # the same seed gives the same network
network = weights.network(wanted.model)  # pretrained
head = backbone.replace_head(
    network, len(wanted.classes), wanted.model, wanted.seed
)  # its name, such as "fc"
upper = wanted.model.upper_layers or backbone.default_upper(network, head)  # such as ("layer4",)
published = {name: tensor.clone() for name, tensor in network.state_dict().items()}
devices.place_network(network)  # on the graphics card, if there is one
settings = train.Settings(EPOCHS_HEAD, EPOCHS_UPPER, BATCH_SIZE, RATE_HEAD, RATE_UPPER, plain=True)
settings = dataclasses.replace(settings, weight_decay=WEIGHT_DECAY, views=VIEWS)
log = [journal.header(wanted, dataclasses.asdict(settings), rows, dataclasses.asdict(prepare))]
log[0] |= {"device": devices.best().type, "threads": devices.use_threads(devices.free_threads())}
log[0] |= {"head": backbone.in_words(network.get_submodule(head))}
log[0] |= {"augmentation": preprocess.augmentation_in_words()}
print(journal.readable(log[0]), flush=True)


# %% [markdown]
# ## 4. Frozen, or learning?
# Frozen has two sides, and the second is easily forgotten. A frozen **parameter** gets no gradient, so no
# step moves it. A frozen **layer** must also be in evaluation mode: a BatchNorm layer in training mode
# would still move its running mean and variance with every batch, without any gradient, and dropout would
# still drop.


# %%
def freeze_all_but(learning):
    """Let the layers of these names learn, with all that is inside of them, and nothing else."""

    def learns(name):
        return any(name == layer or name.startswith(f"{layer}.") for layer in learning)

    network.eval()  # all layers in evaluation mode ...
    for name, layer in network.named_modules():
        if learns(name):
            layer.train()  # ... but for those that learn
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(learns(name))


# %% [markdown]
# ## 5. Measuring
# The loss is cross-entropy: minus the logarithm of the probability that the network gives to the right
# class. It is 0 for who is sure and right, log(2) = 0.693 for who has no idea between two classes, and
# large for who is sure and wrong. Accuracy only counts how often the likeliest class is the right one.


# %%
@torch.inference_mode()  # nothing is learnt here: without gradients it is faster, and cannot go wrong
def measure(some):
    """Mean loss and accuracy on these images."""
    network.eval()
    loss, right = 0.0, 0
    for start in range(0, len(some), BATCH_SIZE):
        images, labels = batch_of(some[start : start + BATCH_SIZE])
        logits = network(images).cpu()  # [images, classes]: the larger, the likelier
        loss += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        right += int((logits.argmax(dim=1) == labels).sum())
    return loss / len(some), right / len(some)


# %% [markdown]
# ## 6. Learning, in two phases
# **Phase one** trains the head alone. Why not all at once? A head that knows nothing sends large,
# meaningless gradients downwards; they would spoil the good layers below before it has found its way.
# **Phase two** trains the upper layers too, in steps ten times smaller. The lower layers stay frozen: edges
# are edges in any photograph.


# %%
def train_phase(phase, learning, epochs, full_rate, path):
    freeze_all_but(learning)
    learners = [parameter for parameter in network.parameters() if parameter.requires_grad]
    # AdamW finds a good length of step for each weight by itself. Each phase has a new one: what it has found
    # out about one phase does not fit the next. (fused: the same in one go, faster.)
    optimizer = torch.optim.AdamW(learners, lr=full_rate, weight_decay=WEIGHT_DECAY, fused=True)
    for epoch in range(1, epochs + 1):
        started = time.monotonic()
        seed = f"{wanted.seed} {phase} {epoch}"  # everything random in this epoch starts from this text
        torch.manual_seed(random.Random(seed).getrandbits(32))  # for dropout
        order = split["train"].copy()
        random.Random(seed).shuffle(order)  # in one order for ever, it would learn from the order
        # Full steps at first, fine ones at the end: half a cosine from the full rate towards zero.
        rate = full_rate * (1 + math.cos(math.pi * (epoch - 1) / epochs)) / 2
        for group in optimizer.param_groups:
            group["lr"] = rate

        freeze_all_but(learning)  # `measure` has put all layers into evaluation mode
        loss_sum, right = 0.0, 0
        for start in range(0, len(order), BATCH_SIZE):
            images, labels = batch_of(
                order[start : start + BATCH_SIZE], f"{wanted.seed} view {epoch % VIEWS}"
            )
            labels = devices.place(labels)
            logits = network(images)
            loss = nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad()  # gradients add up unless they are cleared
            loss.backward()  # in which direction would each learning weight make the loss larger?
            optimizer.step()  # a small step in the other direction
            loss_sum += loss.item() * len(labels)
            right += int((logits.argmax(dim=1) == labels).sum())

        val_loss, val_accuracy = measure(split["val"])
        log.append({"event": "epoch", "phase": phase, "epoch": epoch, "epochs": epochs})
        log[-1] |= {"train_loss": loss_sum / len(order), "train_accuracy": right / len(order)}
        log[-1] |= {"val_loss": val_loss, "val_accuracy": val_accuracy, "learning_rate": rate}
        log[-1] |= {"optimizer": train.in_words(optimizer), "trained": list(learning)}
        log[-1] |= {"trainable_parameters": sum(parameter.numel() for parameter in learners)}
        log[-1] |= {"seconds": round(time.monotonic() - started, 2), "time": journal.now()}
        print(journal.readable(log[-1]), flush=True)
        journal.write(wanted, log)
    # What differs from the published network is the result of training; all else can be had from there.
    now = {name: tensor.cpu() for name, tensor in network.state_dict().items()}
    changed = {name for name, tensor in now.items() if not torch.equal(tensor, published[name])}
    changed |= {name for name in now if name.startswith(f"{head}.")}
    train.save({name: now[name].contiguous() for name in now if name in changed}, wanted, phase, Path(path))


train_phase("head", (head,), EPOCHS_HEAD, RATE_HEAD, wanted.model.phase_one_checkpoint)
train_phase("upper", (*upper, head), EPOCHS_UPPER, RATE_UPPER, wanted.model.checkpoint)
log.append({"event": "end", "val_accuracy": log[-1]["val_accuracy"], "time": journal.now()})
log[-1] |= {"seconds": round(sum(event.get("seconds", 0) for event in log), 2)}
journal.write(wanted, log)

# %% [markdown]
# ## 7. The test images
# They took no part in any decision, so this is what to expect of new photographs. Who looks at it after
# every change, and keeps what is best, has made them validation images, and the number means no more.

# %%
test_loss, test_accuracy = measure(split["test"])
print(f"test accuracy {test_accuracy:.4f}, on {len(split['test'])} images. Next: make evaluate, make report")
