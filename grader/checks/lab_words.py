"""What the check `lab` says to students: which quantity is off, where, how, and what that usually means."""

from collections.abc import Sequence

from grader.ground.verdict import Finding, error
from grader.running.labs import LabRun, work
from grader.workers.lab_messages import Answered, Quantity

NOT_WRITTEN = "NotImplementedError"
REFUSED = "write it yourself from matrix products and elementwise functions: that is the exercise"


def of_import(measured: LabRun) -> Finding:
    """The file itself stopped before a function could be called."""
    compared = measured.compared
    where = work.place(measured.path, measured.starts, compared.line)
    if compared.refused:
        return error(f"it uses {compared.refused}, which is not allowed in this lab", where, REFUSED)
    return error(
        f"the file stops while it is imported: {compared.raised}",
        where,
        "import it yourself: python -c 'import ...' in its folder; nothing but definitions has to be in it",
    )


def of_function(
    measured: LabRun, wrong: tuple[Sequence[Answered], int], quantity: Quantity | None
) -> Finding:
    """One function; `wrong`: its calls that are wrong, of how many; `quantity`: what is in the first."""
    calls, cases = wrong
    call = calls[0]
    where = work.place(measured.path, measured.starts, call.line)
    if call.absent:
        more = f"; before, a cell stopped: {measured.compared.raised}" if measured.compared.raised else ""
        return error(f"there is no function {call.function}{more}", measured.path,
                     "keep its name and arguments as the starter has them")  # fmt: skip
    if call.refused:
        return error(f"{call.function} uses {call.refused}, which is not allowed in this lab", where, REFUSED)
    if call.raised.startswith(NOT_WRITTEN):
        return error(f"{call.function} is not written yet", where)
    counted = f"{call.label}; {len(calls)} of {cases} cases differ" if cases > 1 else call.label
    if call.raised:
        return error(f"{call.function} stops with {call.raised} ({counted})", where,
                     "call it with arrays of the shapes that the lab's text lists")  # fmt: skip
    assert quantity
    return error(f"{call.function}: {_off(quantity)} ({counted})", where, _meaning(calls, quantity))


def of_end(measured: LabRun) -> Finding:
    """The process ended before it had answered everything."""
    answered = len(measured.compared.calls)
    how = measured.ended or "what it sent could not be read"
    if how == "timed out":
        how = f"more than {measured.seconds:.0f} s were needed"
    return error(
        f"only {answered} of {measured.cases} calls were answered: {how}",
        measured.path,
        "a function has to return; it may neither end the process nor wait for something",
    )


def _off(quantity: Quantity) -> str:
    if quantity.trouble:
        return f"{quantity.name} {quantity.trouble}"
    if quantity.unit == "sigmas":
        return f"{quantity.name} is {quantity.off:.1f} standard deviations from what chance would give"
    size = 1
    for side in quantity.shape:
        size *= side
    if size == 1 or not quantity.wrong:
        return f"{quantity.name} is off by {quantity.off:.2g}"
    shape = "x".join(map(str, quantity.shape))
    first = ", ".join(map(str, quantity.first))
    return (
        f"{quantity.name} ({shape}) differs from [{first}] on, in {quantity.wrong} of {size} numbers,"
        f" by up to {quantity.off:.2g}"
    )


def _meaning(calls: Sequence[Answered], quantity: Quantity) -> str:
    """What all wrong cases have in common with a known wrong solution; else what the pattern looks like."""
    known = dict(zip(calls[0].known, calls[0].mistakes, strict=True))
    for call in calls[1:]:
        known = {name: said for name, said in known.items() if name in call.known}
    said = list(dict.fromkeys(known.values())) or list(dict.fromkeys(calls[0].mistakes))
    return " Or: ".join(said[:2]) or quantity.looks
