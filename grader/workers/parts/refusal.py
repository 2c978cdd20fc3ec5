"""Why a submission's file is not used, in words that fit on a line."""

HOW_TO_SAVE = (
    'save the tensors as safetensors: safetensors.torch.save_file(network.state_dict(), "model.safetensors")'
)


class Refused(ValueError):
    """The file cannot be used: one sentence about the file, without its name, and a hint."""

    def __init__(self, reason: str, hint: str = HOW_TO_SAVE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class NotBuilt(Refused):
    """Nothing is wrong with the file; what it holds is not built here, which is no fault of the student's."""


def shown(name: object) -> str:
    """A name of the submission's own, at most 80 characters on one line."""
    text = str(name)[:1000].encode("unicode_escape").decode()
    return text if len(text) <= 80 else f"{text[:80]}..."


def shape(sides: tuple[int, ...]) -> str:
    return "x".join(map(str, sides[:8])) or "scalar"
