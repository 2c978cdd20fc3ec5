"""`make report`: write report.pdf.

    data/splits.csv, data/credits.csv, logs/train.jsonl, predictions.csv, results.json -> report.pdf

Every number in it is read from the files of the earlier steps; none is typed in. So the report cannot tell
another story than the run. Add your own thoughts to DISCUSSION below: the rest you get for nothing.
"""

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, Spacer

from finetune import submission
from finetune.pages import accessible_pdf, appendix, chapters, figures, findings, layout
from finetune.pages.accessible_pdf import Text
from finetune.parts import credits, files, journal, problem, splits
from finetune.parts.problem import Problem
from finetune.submission import Submission

PREDICTIONS = ("image_id", "label", "predicted", "score")  # columns, as evaluate.py writes them

# Your own thoughts, one text for each paragraph. What did you try? What surprised you? What do the mistakes
# have in common? Why did you choose these settings?
DISCUSSION: list[str] = []


def main() -> None:
    wanted = submission.read()
    rows = splits.read(Path(wanted.data.splits))
    events = journal.read(wanted)
    summary = wanted.results.summary
    again = f"delete {summary} and run `make evaluate`"  # make alone goes by dates, and may see nothing to do
    results = _results(summary, again)
    _needed(wanted.results.predictions, again)
    predictions = files.read_table(Path(wanted.results.predictions), PREDICTIONS, again)
    authors = credits.read()
    # Numbers of an earlier network beside the curves of this one would be a mistake that nobody sees.
    if results.get("checkpoint_sha256") != files.sha256(Path(wanted.model.checkpoint)):
        raise Problem(f"{summary} was measured on another network; {again}")

    # In the order in which a reader asks. To leave a chapter out, delete its line; to add one, write a
    # function that returns a list of Text, as `discussion` below does.
    story = [
        *opening(wanted, events, results),  # how good is it?
        *chapters.data(wanted, rows, authors),  # on which images?
        *chapters.network(events[0], results),  # which network, fed how?
        *chapters.training(events, results),  # what learnt, how, and how did it go?
        *findings.result(results),  # which mistakes?
        *findings.confidence(predictions, results),  # may one believe its probabilities?
        *findings.examples(predictions, results["classes"]),  # what do the mistakes look like?
        *discussion(),  # and what do you make of it?
        *appendix.reproduction(wanted, events),  # how does one get the same?
        *appendix.authors(authors),  # whose photographs are these?
    ]
    about = {"title": _title(wanted), "author": wanted.student, "subject": wanted.assignment}
    layout.document(Path(wanted.documents.report), story, **about)
    print(f"{wanted.documents.report}: open it and read it. Next: git add ., git commit, make submit.")
    if not DISCUSSION:
        print("It has no discussion yet: write yours into DISCUSSION of finetune/report.py.")


def opening(wanted: Submission, events: list[dict[str, Any]], results: dict[str, Any]) -> list[Flowable]:
    """Who, what, and the result in three numbers."""
    # An accuracy without its interval says more than is known: see `wilson` in evaluate.py.
    accuracy, (low, high) = results["test_accuracy"], results["interval"]
    numbers = [
        (layout.percent(accuracy), f"test accuracy ({accuracy:.4f})"),
        (f"{100 * low:.1f} to {100 * high:.1f} %", "95 % confidence interval"),
        (f"{results['correct']} of {results['test_images']}", "test images named correctly"),
    ]
    strip = accessible_pdf.arranged(
        [
            [Text(number, layout.FIGURE) for number, _ in numbers],
            [Text(words, layout.SMALL) for _, words in numbers],
        ],
        colWidths=[layout.WIDTH / 3] * 3,
        style=[
            ("BACKGROUND", (0, 0), (-1, -1), figures.SHADE),
            ("LEFTPADDING", (0, 0), (-1, -1), 12),
            ("TOPPADDING", (0, 0), (-1, 0), 10),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 8),
        ],
    )
    network_name = f"{wanted.model.backbone} ({wanted.model.library}, weights {wanted.model.weights})"
    return [
        Text(escape(_title(wanted)), layout.TITLE),
        Text(
            f"{escape(wanted.student)} | {escape(wanted.assignment)} | {events[-1]['time'][:10]}",
            layout.SMALL,
        ),
        Spacer(1, 8),
        strip,
        Spacer(1, 10),
        Text(
            f"A network that was trained on ImageNet, {escape(network_name)}, was fine-tuned to tell "
            f"{escape(layout.listed(wanted.classes))} apart. First only a new classification head learnt on "
            "top of the frozen network, then the upper layers learnt as well.",
            layout.TEXT,
        ),
    ]


def discussion() -> list[Flowable]:
    if not DISCUSSION:
        return []
    return [
        Text("Discussion", layout.HEADING),
        # escape: < and & would be read as marks, such as <b> for bold.
        *(Text(escape(thought), layout.TEXT) for thought in DISCUSSION),
    ]


def _title(wanted: Submission) -> str:
    return f"{layout.listed(wanted.classes)}: fine-tuning {wanted.model.backbone}"


def _results(name: str, hint: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = dict(json.loads(_needed(name)))
    except (ValueError, TypeError) as error:
        raise Problem(f"{name} is not as `make evaluate` writes it; {hint}") from error
    return found


def _needed(name: str, hint: str = "run `make evaluate` first") -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Problem(f"{name} is not here; {hint}") from error


if __name__ == "__main__":
    problem.run(main)
