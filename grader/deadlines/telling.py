"""A ruling in words: facts with their sources, which a student can check. Nothing here accuses anybody."""

from collections.abc import Iterator

from grader.deadlines.choice import WHY
from grader.deadlines.evidence import Sighting
from grader.deadlines.history import Commit
from grader.deadlines.instants import Instant, local
from grader.deadlines.policy import Status
from grader.deadlines.ruling import Ruling, holds
from grader.deadlines.timeline import Mark, Timeline
from grader.deadlines.words import duration_words, margin_words, status_words

SHORT = 7  # letters of a commit id that people compare
LISTED = 5
NOTEWORTHY = 600  # seconds between the two dates of a commit that are worth a word


def sentences(timeline: Timeline, ruling: Ruling) -> tuple[str, ...]:
    """The ruling, sentence by sentence: what counts, what shows it, and what else was found."""
    return tuple(
        sentence[0].upper() + sentence[1:]
        for part in (_deadline, _graded, _evidence, _cost, _rivals, _passed_over, _later, _aside)
        for sentence in part(timeline, ruling)
    )


def changes(before: Ruling, after: Ruling, measured: str) -> tuple[str, ...]:
    """What another deadline or setting made of saved evidence that was collected at `measured`."""
    told = []
    if (before.deadline.last, before.deadline.zone) != (after.deadline.last, after.deadline.zone):
        old, new = (local(each.deadline.last, each.deadline.zone) for each in (before, after))
        told.append(f"The deadline was {old} and is {new}.")
    if before.status != after.status:
        old, new = (status_words(each.status) for each in (before, after))
        told.append(f"The status was {old} and is {new}.")
    if before.graded != after.graded:
        old, new = (each.graded[:SHORT] or "none" for each in (before, after))
        told.append(f"The commit that counts was {old} and is {new}.")
    if before.penalty != after.penalty:
        told.append(f"The penalty was {before.penalty:g} % and is {after.penalty:g} % of the points.")
    if after.graded not in ("", measured) or not after.known:
        told.append("What was measured belongs to another commit: collect the submission again.")
    return tuple(told)


def _deadline(_: Timeline, ruling: Ruling) -> Iterator[str]:
    yield f"The deadline is {local(ruling.deadline.last, ruling.deadline.zone)}."
    yield from (f"{warning}." for warning in ruling.deadline.warnings)


def _graded(timeline: Timeline, ruling: Ruling) -> Iterator[str]:
    if not ruling.known:
        yield "The saved evidence does not reach to this deadline: collect the submission again."
    elif ruling.graded:
        commit = timeline.commits[ruling.graded]
        subject = commit.subject or "no message"
        counts = "would count" if ruling.status is Status.DATE_UNKNOWN else "counts"
        yield f"Commit {ruling.graded[:SHORT]} on {timeline.branch} {counts} ({subject})."
        yield f"It {dated(commit, ruling.deadline)}."
    else:
        yield from _nothing(timeline, ruling.deadline)


def _nothing(timeline: Timeline, deadline: Instant) -> Iterator[str]:
    if timeline.missing:
        yield timeline.missing
        return
    first = timeline.tracks["published"].marks[-1]
    commit = timeline.commits[first.sha]
    yield f"No commit on {timeline.branch} was published by the deadline."
    yield f"The first one, {first.sha[:SHORT]}, {dated(commit, deadline)}."


def dated(commit: Commit, deadline: Instant) -> str:
    """A commit's own date, as a claim: `is dated 2020-11-10 23:29:00 CET (22:29:00 UTC), 59 s before …`."""
    if commit.committed is None:
        return "has no date that can be read"
    margin = margin_words(deadline.last - commit.committed.seconds)
    return f"is dated {local(commit.committed.seconds, deadline.zone)}, {margin}"


def _evidence(timeline: Timeline, ruling: Ruling) -> Iterator[str]:
    zone = ruling.deadline.zone
    if ruling.status is Status.NOTHING_BEFORE_DEADLINE or not ruling.known:
        return
    if ruling.proof and ruling.proven == ruling.graded:
        margin = margin_words(ruling.deadline.last - ruling.proof.seen)
        yield f"{ruling.proof.source} recorded it on {local(ruling.proof.seen, zone)}, {margin}."
    if ruling.kept:
        yield (
            f"At {local(ruling.kept.seen, zone)} the branch ended at {ruling.kept.sha[:SHORT]} "
            f"({ruling.kept.source}), not part of it any more; if it was kept, it can be graded instead."
        )
    elif ruling.doubt:
        yield from _doubt(timeline, ruling, ruling.doubt)
    elif ruling.status is Status.DATE_UNKNOWN:
        yield "A date among this commit and what it builds on was set by no clock, so a person decides."
    elif ruling.status is Status.CLAIMED_IN_TIME:
        yield "No other clock recorded it by then, so this rests on the commit's own date."
        yield from _first_seen(timeline, ruling)


def _doubt(timeline: Timeline, ruling: Ruling, doubt: Sighting) -> Iterator[str]:
    zone = ruling.deadline.zone
    if ruling.graded != ruling.claimed:
        commit = timeline.commits[ruling.claimed]
        yield f"Commit {ruling.claimed[:SHORT]} {dated(commit, ruling.deadline)}."
    end = f"ended at {doubt.sha[:SHORT]}" if doubt.sha else "was not there"
    moment = local(doubt.asked, zone)
    yield f"At {moment} the branch {end} ({doubt.source}), without {ruling.claimed[:SHORT]}."
    yield from _first_seen(timeline, ruling)
    shown = f"{ruling.proven[:SHORT]} is shown in time" if ruling.proven else "no commit is shown in time"
    yield f"So its date cannot be confirmed; {shown}."


def first_sighting(timeline: Timeline, ruling: Ruling) -> Sighting | None:
    """The first time that a clock other than the student's showed the claimed commit."""
    place = next((mark.place for mark in _line(timeline) if mark.sha == ruling.claimed), None)
    if place is None:
        return None
    return next((each for each in timeline.sightings if holds(each, place)), None)


def _first_seen(timeline: Timeline, ruling: Ruling) -> Iterator[str]:
    if first := first_sighting(timeline, ruling):
        margin = margin_words(ruling.deadline.last - first.seen)
        moment = local(first.seen, ruling.deadline.zone)
        yield f"{first.source} first recorded {ruling.claimed[:SHORT]} on {moment}, {margin}."


def _cost(_: Timeline, ruling: Ruling) -> Iterator[str]:
    if ruling.late_days:
        days = f"{ruling.late_days} day{'s' if ruling.late_days > 1 else ''}"
        yield f"That is within {days} after the deadline and costs {ruling.penalty:g} % of the points."


def _rivals(_: Timeline, ruling: Ruling) -> Iterator[str]:
    rivals = [rival for rival in ruling.choice.rivals if rival.sha not in ("", ruling.graded)]
    for rival in rivals:
        yield f"Another rule would take {rival.sha[:SHORT]}: it {rival.why}."
    if rivals:
        yield f"The rule here {WHY['published']}."


def _passed_over(timeline: Timeline, ruling: Ruling) -> Iterator[str]:
    """Commits that are dated in time but build on something that is not."""
    last = ruling.deadline.last
    for mark in _above(timeline, ruling):
        commit = timeline.commits[mark.sha]
        if commit.committed and commit.committed.seconds <= last and (mark.at is None or mark.at > last):
            base = "without a readable date"
            if mark.at is not None:
                base = f"dated {local(mark.at, ruling.deadline.zone)}"
            yield f"Commit {mark.sha[:SHORT]} {dated(commit, ruling.deadline)}, but builds on work {base}."
            return


def _later(timeline: Timeline, ruling: Ruling) -> Iterator[str]:
    later = _above(timeline, ruling)
    if not later or not ruling.known:
        return
    count = _place(timeline, ruling)
    newest = f"{later[0].sha[:SHORT]}, {dated(timeline.commits[later[0].sha], ruling.deadline)}"
    if ruling.graded:
        commits = "1 later commit is" if count == 1 else f"{count:,} later commits are"
        yield f"{commits} not graded; the newest, {newest}."
    elif count > 1:
        yield f"None of these {count:,} commits is graded; the newest, {newest}."


def _aside(timeline: Timeline, ruling: Ruling) -> Iterator[str]:
    branch = timeline.branch
    if timeline.chosen:
        yield f"The branch is {branch}, as {timeline.chosen}."
    for name, tip in list(timeline.side.items())[:LISTED] if branch else ():
        yield f"Work on {name} is not on {branch} and not graded; it {dated(tip, ruling.deadline)}."
    if timeline.tags and branch:
        yield f"Not on {branch} either: {', '.join(f'tag {name}' for name in list(timeline.tags)[:LISTED])}."
    if timeline.undated:
        yield f"Commits without a readable date: {_shas(timeline.undated)}."
    if timeline.shallow:
        yield f"The source holds a shortened history; what came before {_shas(timeline.shallow)} is unknown."
    yield from timeline.troubles
    if ruling.graded:
        yield from _dates(timeline.commits[ruling.graded], timeline, ruling.deadline)


def _dates(commit: Commit, timeline: Timeline, deadline: Instant) -> Iterator[str]:
    if commit.committed is None:
        return
    if commit.committed.seconds > timeline.collected:
        yield f"Its date lies after the moment of collection, {local(timeline.collected, deadline.zone)}."
    gap = commit.committed.seconds - commit.authored.seconds if commit.authored else 0
    if abs(gap) > NOTEWORTHY:
        order = "before" if gap > 0 else "after"
        yield f"It was written {duration_words(gap)} {order} it was committed, as after an amend or a rebase."


def _above(timeline: Timeline, ruling: Ruling) -> list[Mark]:
    """The commits of the line that are newer than the graded one; all, if none is graded."""
    place = _place(timeline, ruling)
    return [mark for mark in _line(timeline) if mark.place < place]


def _place(timeline: Timeline, ruling: Ruling) -> int:
    length = timeline.tracks["published"].length
    return next((mark.place for mark in _line(timeline) if mark.sha == ruling.graded), length)


def _line(timeline: Timeline) -> tuple[Mark, ...]:
    return timeline.tracks["published"].marks


def _shas(shas: tuple[str, ...]) -> str:
    more = f" and {len(shas) - LISTED} more" if len(shas) > LISTED else ""
    return ", ".join(sha[:SHORT] for sha in shas[:LISTED]) + more
