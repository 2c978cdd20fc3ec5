"""What a run's own numbers say went wrong, and what to try: in the terminal and in the report."""

from finetune.parts.journal import Event

STILL = 1e-3  # a loss that changes by less than this share from one epoch to the next does not move
GAP = 0.1  # of training and validation accuracy: more is worth a word


def after_epoch(events: list[Event]) -> list[str]:
    """A loss that did not move for two epochs, told once: in the third one of a phase."""
    epochs = [event for event in events if event["event"] == "epoch"]
    own = [epoch for epoch in epochs if epoch["phase"] == epochs[-1]["phase"]]
    losses = [epoch["train_loss"] for epoch in own]
    if len(own) != 3 or max(losses) - min(losses) > STILL * max(losses) or own[-1]["train_accuracy"] > 0.99:
        return []
    return [
        f"The training loss has stayed at {losses[-1]:.3f} for two epochs: nothing is learnt. Likely causes: "
        f"a learning rate that is far too small (it is {own[-1]['learning_rate']:g}), layers of which all "
        "weights start at zero, so that no gradient passes them, or labels of other images."
    ]


def gap(events: list[Event]) -> float:
    """By how much the last epoch is better on training than on validation images, in accuracy."""
    last = [event for event in events if event["event"] == "epoch"][-1]
    return last["train_accuracy"] - last["val_accuracy"]


def after_training(events: list[Event]) -> list[str]:
    """A large gap between training and validation, and training that has not come far."""
    last = [event for event in events if event["event"] == "epoch"][-1]
    training, validation = last["train_accuracy"], last["val_accuracy"]
    if training - validation > GAP:
        return [
            f"Accuracy is {training:.2f} on training and {validation:.2f} on validation images: the network "
            "has learnt its training images by heart (overfitting). Try fewer epochs or --patience 2, new "
            "views in each epoch (--views fresh), dropout, a larger --weight-decay, or fewer upper layers."
        ]
    if training < 0.75 and last["train_loss"] > 0.5:
        return [
            f"Accuracy is {training:.2f} even on training images: the network has not finished learning "
            "(underfitting). Try more epochs, a larger learning rate, or more upper layers."
        ]
    return []
