"""All scripts of a submission, in the order in which they hand files to one another."""

from collections.abc import Sequence, Set

from msgspec import Struct

from grader.reading.programs import imports, sources
from grader.reading.programs.budget import Intricate, Steps
from grader.reading.programs.flow.run import STEPS, Run, Use
from grader.reading.programs.flow.things import Reached, Thing, joined
from grader.reading.programs.grouping import imported_names
from grader.reading.programs.sources import Source
from grader.submission import Submission

REACHED = 800_000  # things that are looked at from the uses of one script, some 2 s


class Flow(Struct, frozen=True):
    """What one script does, with those before it whose files it loads. `intricate`: it was not followed."""

    path: str
    uses: tuple[Use, ...] = ()
    intricate: bool = False
    before: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    steps: Steps = Steps(0)

    def reached(self, things: Sequence[Thing], stops: Set[int] = frozenset()) -> Reached:
        """Raises Intricate: so much was asked of this script that it cannot be followed."""
        return Reached(things, self.steps.take, stops)


def of(submission: Submission) -> tuple[Flow, ...]:
    """Each script of a submission; measured once."""
    return flows(submission.once(sources.read))


def flows(given: Sequence[Source]) -> tuple[Flow, ...]:
    readable = [source for source in given if source.tree]
    paths = [source.path for source in readable]
    imported = {
        found
        for source in readable
        for module, level in imported_names(source)
        if (found := imports.resolve(module, level, source.path, paths))
    }
    entries = [source for source in readable if source.path not in imported] or readable
    entries = [each for each in entries if not each.path.endswith("__init__.py")] or entries
    runs = [_run(readable, entry) for entry in entries]
    return _in_order(runs)


def _run(sources: Sequence[Source], entry: Source) -> Run | str:
    run = Run(sources, entry, Steps(STEPS))
    try:
        run.whole()
    except (Intricate, RecursionError):
        return entry.path
    return run


def _in_order(runs: Sequence[Run | str]) -> tuple[Flow, ...]:
    """A network that is loaded from a file continues the one that was saved there."""
    followed = [run for run in runs if isinstance(run, Run)]
    writers: dict[str, list[Run]] = {}
    for run in followed:
        for file in run.saved:
            writers.setdefault(file, []).append(run)
    before: dict[int, list[Run]] = {}
    for run in followed:
        for file, thing, own in run.loaded:
            found = [each for each in writers.get(file, []) if file]
            earlier = [each for each in found if each is not run]
            mine = own or not earlier
            kept = [each for one in ([run] if mine and run in found else earlier) for each in one.saved[file]]
            thing.of += [joined(kept)] if kept else []  # which of them, nobody knows
            if not mine and len(earlier) == 1:
                before.setdefault(id(run), []).append(earlier[0])
            elif thing.made == "load_model" and not file and any(each.saved for each in followed):
                thing.lost = "the network of a file, which may be one that is saved here"
            elif not mine:
                thing.lost = f"{file}, which {len(earlier)} programs write"
    parts = [Flow(run, intricate=True) for run in runs if isinstance(run, str)]
    return (*(_flow(run, before) for run in followed), *parts)


def _flow(run: Run, before: dict[int, list[Run]]) -> Flow:
    chain, waiting = list[Run](), [run]
    while waiting:
        each = waiting.pop()
        if each not in chain and len(chain) < 6:
            chain.append(each)
            waiting += before.get(id(each), [])
    earlier = chain[:0:-1]
    return Flow(
        run.entry.path,
        tuple(use for each in (*earlier, run) for use in each.uses),
        before=tuple(each.entry.path for each in earlier),
        modules=tuple(path for each in chain for path in each.modules),
        steps=Steps(REACHED),
    )
