"""A budget of steps, which reading one program may take."""

STEPS = 300_000  # some 5 s of a hostile source; a large homework takes some 20,000


class Intricate(Exception):
    """A program would take more steps than reading it may."""


class Steps:
    """What is left of the budget. One step is some 10 µs of work; who searches a list takes several."""

    def __init__(self, left: int = STEPS) -> None:
        self._left = left

    def take(self, number: int = 1) -> None:
        """Raises Intricate: none are left."""
        self._left -= number
        if self._left < 0:
            raise Intricate
