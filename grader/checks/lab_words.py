"""What the check `lab` says to students: which quantity is off, where, how, and what that usually means."""

import math
from collections.abc import Sequence

from grader.ground.verdict import Finding, error, note, warning
from grader.running.labs import LabRun, work
from grader.workers.lab_messages import Answered, Quantity

NOT_WRITTEN = "NotImplementedError"
UNEXPECTED, MISSING = "unexpected keyword argument", "required keyword-only argument"  # as Python says it
ALONE = (
    "import it yourself: python -c 'import ...' in its folder; there should be nothing but definitions in it"
)
REFUSED = "write it yourself: that is the exercise; the text of the lab says what it may be made of"
KEYWORDS = "keep the names of the arguments as the starter has them: they are given by name"
SHAPES = "call it yourself, with random arrays of the shapes that the lab's text lists"


def of_import(measured: LabRun) -> Finding:
    """The file cannot be imported at all."""
    compared = measured.compared
    where = work.place(measured.path, measured.starts, compared.line)
    if compared.refused:
        return error(f"it uses {compared.refused}, which is not allowed in this lab", where, REFUSED)
    hint = "" if compared.raised.startswith("SyntaxError") else ALONE
    return error(f"the file stops while it is imported: {compared.raised}", where, hint)


def of_statement(measured: LabRun) -> Finding:
    """Something beside the functions stopped, which costs nothing by itself."""
    compared = measured.compared
    where = work.place(measured.path, measured.starts, compared.line)
    return note(f"this stops with {compared.raised}; what follows was run all the same", where)


def of_function(
    measured: LabRun, wrong: tuple[Sequence[Answered], int], quantities: Sequence[Quantity]
) -> Finding:
    """One function; `wrong`: its calls that are wrong, of how many; `quantities`: what is in the first."""
    calls, cases = wrong
    call = calls[0]
    where = work.place(measured.path, measured.starts, call.line)
    if call.absent:
        before = (
            f"; before, something stopped with {measured.compared.raised}" if measured.compared.raised else ""
        )
        message = f"there is no function {call.function}{before}"
        return error(message, measured.path, "keep its name and arguments as the starter has them")
    if call.refused:
        return error(f"{call.function} uses {call.refused}, which is not allowed in this lab", where, REFUSED)
    if call.raised.startswith(NOT_WRITTEN):
        return error(f"{call.function} is not written yet", where)
    counted = f"{call.label}; wrong in {len(calls)} of {cases} cases" if cases > 1 else call.label
    if call.raised:
        hint = KEYWORDS if UNEXPECTED in call.raised or MISSING in call.raised else SHAPES
        return error(f"{call.function} stops with {call.raised} ({counted})", where, hint)
    first, *others = quantities
    also = f"; {', '.join(dict.fromkeys(each.name for each in others))} too" if others else ""
    return error(f"{call.function}: {_off(first)}{also} ({counted})", where, _meaning(calls, first))


def of_consequence(measured: LabRun, call: Answered, cause: str) -> Finding:
    """A function that is as wrong as the one that it calls."""
    where = work.place(measured.path, measured.starts, call.line)
    message = f"{call.function}: wrong as far as {cause} is, and no further ({call.label})"
    return warning(message, where, f"put {cause} right; a mistake that is made once costs points once")


def of_end(measured: LabRun) -> Finding:
    """The process ended before it had answered everything."""
    answered, asked = len(measured.compared.calls), len(measured.asked)
    how = measured.ended or "what it sent could not be read"
    if how == "timed out":
        how = f"more than {measured.seconds:.0f} s were needed"
    message = f"no call was answered: {how}"
    if answered:
        message = (
            f"{measured.asked[answered]} did not return: {how}; {answered} of {asked} calls were answered"
        )
    hint = "a function has to return; it may neither end the process nor wait for something"
    return error(message, measured.path, hint)


def _off(quantity: Quantity) -> str:
    if quantity.trouble:
        return f"{quantity.name} {quantity.trouble}"
    if quantity.unit == "sigmas":
        return f"{quantity.name}: {quantity.off:.1f} standard deviations from what chance would give"
    size = math.prod(quantity.shape)
    if not quantity.wrong:
        return f"{quantity.name}: off by up to {quantity.off:.2g}"
    if size == 1:  # how far would tell what it should be
        return (
            f"{quantity.name} is too {'large' if quantity.above else 'small'}, by some {_rough(quantity.off)}"
        )
    shape = "x".join(map(str, quantity.shape))
    first = ", ".join(map(str, quantity.first))
    return (
        f"{quantity.name} ({shape}) differs in {quantity.wrong} of {size} numbers, first at [{first}],"
        f" by up to {quantity.off:.2g}"
    )


def _rough(off: float) -> str:
    """A power of ten."""
    return f"{10.0 ** math.floor(math.log10(off)):g}"


def _meaning(calls: Sequence[Answered], quantity: Quantity) -> str:
    """What all wrong cases have in common with a known wrong solution; else what the pattern looks like."""
    known = dict(zip(calls[0].known, calls[0].mistakes, strict=True))
    for call in calls[1:]:
        known = {name: said for name, said in known.items() if name in call.known}
    said = list(dict.fromkeys(known.values())) or list(dict.fromkeys(calls[0].mistakes))
    return "; or: ".join(said[:2]) or quantity.looks
