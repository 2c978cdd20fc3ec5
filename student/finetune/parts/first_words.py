"""What a program that is started with `python -m finetune.<step>` says before its packages are imported."""

import sys
from types import TracebackType

from finetune.parts import problem


def say() -> None:
    """A first line at once, as importing PyTorch takes seconds; and sentences for what happens meanwhile."""
    sys.excepthook = _tell
    module = next((word for word in sys.orig_argv if word.startswith("finetune.")), "")
    if module not in ("finetune.train", "finetune.lesson"):
        return
    from finetune import submission  # only now: what it imports may be missing too

    try:
        wanted = submission.read()
    except problem.Problem:
        return  # the step itself will say so
    model = wanted.model
    print(
        f"{' or '.join(wanted.classes)}, with {model.backbone} ({model.library}, {model.weights}); "
        "loading PyTorch ...",
        flush=True,
    )


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("\nInterrupted, before anything was done.", file=sys.stderr)
    elif sentence := problem.in_words(error):
        print(f"Stopped: {sentence}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
