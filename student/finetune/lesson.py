"""Transfer learning on one page: `make lesson`, after `make data`. The notebook lesson.ipynb is the same.

A network that knows ImageNet (1.2 million photographs of 1,000 classes) learns to tell your classes apart.
Training with --plain learns the same, number by number; train.py adds what makes it fast and safe to stop.
"""

# %%
import math
import random
import time
from pathlib import Path

import torch
from torch import nn

from finetune import backbone, preprocess, submission, train
from finetune.parts import devices, splits
from finetune.parts.checkpoint import Run
from finetune.parts.photographs import Photographs, batches, labelled

# %% [markdown]
# ## 1. Settings
# Change one at a time, and keep the change if the **validation** accuracy gains by it.

# %%
settings = train.Settings(
    epochs_head=3,  # phase one shows each training image so many times ...
    epochs_upper=8,  # ... and phase two so many times more
    batch_size=32,  # images for one step; their gradients are averaged
    learning_rate_head=1e-2,  # length of a step in phase one: the new head starts from nothing
    learning_rate_upper=1e-3,  # a tenth in phase two: large steps would spoil layers that are good already
    weight_decay=1e-4,  # pulls what learns a little towards zero, against learning images by heart
    views=4,  # random parts of each training image, shown in turn
    plain=True,  # every image runs through all layers; train.py keeps what frozen layers make of it
)

# %% [markdown]
# ## 2. The images
# The network learns from `train`. Settings are chosen by `val`: images that it did not learn from show
# whether it knows dogs (say), or these dogs by heart. `test` is looked at once, at the end.
#
# A network expects the numbers of its own training: images of one size, and from each pixel's red, green and
# blue (0 to 1) ImageNet's mean of that colour subtracted, the rest divided by its standard deviation. A wrong
# mean raises no error, accuracy is lost without a word: both come with the weights, not from your images.

# %%
wanted = submission.read()  # submission.toml
rows = splits.read(Path(wanted.data.splits))  # one for each image: its id, its class, its split
prepare = preprocess.of_weights(wanted.model)
print(prepare)


def images_of(split, view=""):
    """Tensors [3, height, width] with the numbers of their classes. To learn from, with the name of a view: a
    random part of each, at times mirrored, which is harder to learn by heart. To measure: always the middle.
    """
    own = [row for row in rows if row.split == split]
    return Photographs(labelled(own, wanted.classes), prepare, view)


# %% [markdown]
# ## 3. The network
# Lower layers see edges and textures, upper ones parts of objects: both are useful for any photograph. Only
# the last layer, the **head**, names the 1,000 classes of ImageNet. One for our classes takes its place. It
# starts at zero: all classes are equally likely. Layers have names: the head of ResNet-50 is `fc`.

# %%
devices.make_reproducible()  # the same seed gives the same network
run = Run.anew(wanted, rows, prepare, settings)  # writes the log, which the report is made from
model = backbone.build(wanted.model, len(wanted.classes), wanted.seed)  # pretrained, but for the head
network = model.network
devices.place_network(network)  # on the graphics card, if there is one
run.begin(model)
print(f"head: {model.head}; upper layers: {', '.join(model.upper)}")


# %% [markdown]
# ## 4. Frozen, or learning?
# Frozen has two sides, and the second is easily forgotten. A frozen **parameter** (a number of the network)
# gets no gradient, so no step moves it. A frozen **layer** must also be in evaluation mode: in training mode,
# BatchNorm normalises by the batch that it sees, and changes the mean that it has stored, without a gradient.


# %%
def freeze_all_but(learning):
    network.eval().requires_grad_(False)  # everything in evaluation mode, nothing gets a gradient ...
    for name in learning:
        network.get_submodule(name).train().requires_grad_()  # ... but for the layers of these names


# %% [markdown]
# ## 5. Measuring
# The loss is cross-entropy: minus the logarithm of the probability that the network gives to the right class.
# It is 0 for who is sure and right, log(2) = 0.693 for who has no idea between two, large for who is sure and
# wrong. Steps make the loss smaller; accuracy only counts how often the likeliest class is the right one.


# %%
@torch.inference_mode()  # nothing is learnt here: without gradients it is faster, and cannot go wrong
def measure(split):
    network.eval()  # no dropout, BatchNorm by its stored mean: an answer depends on its image alone
    loss_sum, right, images = 0.0, 0, images_of(split)
    for given, labels in batches(images, settings.batch_size):
        logits = network(devices.place(given)).cpu()  # [batch, classes]; softmax makes probabilities
        loss_sum += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        right += int((logits.argmax(dim=1) == labels).sum())
    return loss_sum / len(images.labels), right / len(images.labels)


# %% [markdown]
# ## 6. Learning, in two phases
# **Phase one** trains the head alone: in its first steps it would send large, meaningless gradients down to
# the layers below, and spoil what they know. **Phase two** trains the upper layers too, in steps ten times
# smaller. The lower layers stay frozen in both: edges are edges in any photograph.


# %%
def train_phase(name, learning, epochs, full_rate):
    learners = [weight for layer in learning for weight in network.get_submodule(layer).parameters()]
    # The rate sets the scale of all steps; AdamW fits each weight's own step to its last gradients.
    optimizer = torch.optim.AdamW(learners, lr=full_rate, weight_decay=settings.weight_decay, fused=True)
    for epoch in range(1, epochs + 1):
        started, loss_sum, right = time.monotonic(), 0.0, 0
        seed = f"{wanted.seed} {name} {epoch}"  # everything random in this epoch starts from this text
        torch.manual_seed(random.Random(seed).getrandbits(32))  # for dropout
        images = images_of("train", f"{wanted.seed} view {epoch % settings.views}")
        order = list(range(len(images.labels)))
        random.Random(seed).shuffle(order)  # new batches: else the same images always push together
        # Full steps at first, fine ones at the end: half a cosine, which would reach zero one epoch later.
        optimizer.param_groups[0]["lr"] = full_rate * (1 + math.cos(math.pi * (epoch - 1) / epochs)) / 2

        freeze_all_but(learning)  # anew in each epoch, as `measure` puts all layers into evaluation mode
        for given, labels in batches(images, settings.batch_size, order):
            labels = devices.place(labels)
            logits = network(devices.place(given))
            loss = nn.functional.cross_entropy(logits, labels)
            optimizer.zero_grad()  # gradients add up unless they are cleared
            loss.backward()  # the gradient: which way would each learning weight make the loss larger?
            optimizer.step()  # a small step the other way
            loss_sum += loss.item() * len(labels)
            right += int((logits.argmax(dim=1) == labels).sum())

        event = {"phase": name, "epoch": epoch, "epochs": epochs, "trained": list(learning)}
        event |= {"train_loss": loss_sum / len(order), "train_accuracy": right / len(order)}
        event |= dict(zip(("val_loss", "val_accuracy"), measure("val"), strict=True))
        event["seconds"] = round(time.monotonic() - started, 2)
        run.keep(event, model, optimizer)  # into the log


train_phase("head", (model.head,), settings.epochs_head, settings.learning_rate_head)
# We hand in the tensors that training changed: everybody can have the others.
train.save(backbone.changed(model), wanted, "head", Path(wanted.model.phase_one_checkpoint))
train_phase("upper", (*model.upper, model.head), settings.epochs_upper, settings.learning_rate_upper)
train.save(backbone.changed(model), wanted, "upper", Path(wanted.model.checkpoint))
run.end()

# %% [markdown]
# ## 7. The test images
# They took no part in any decision, so this is what to expect of new photographs. Who looks at it after every
# change, and keeps what is best, has made them validation images, and the number means no more.

# %%
test_loss, test_accuracy = measure("test")
print(f"test accuracy {test_accuracy:.4f}. Next: make evaluate, make report")
