"""Reports of Kahoot, written as its programs lay them out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

RAW = (
    "Question Number", "Question", "Answer 1", "Answer 2", "Answer 3", "Answer 4", "Correct Answers",
    "Time Allotted to Answer (seconds)", "Player", "Answer", "Correct / Incorrect", "Correct", "Incorrect",
    "Score (points)", "Score without Answer Streak Bonus (points)", "Current Total Score (points)",
    "Answer Time (%)", "Answer Time (seconds)",
)  # fmt: skip
GATE, GATES, BOUNDED = (
    "Which gate scales c(t-1)?",
    "Which of these are gates of an LSTM?",
    "Which activations are bounded?",
)
# A player's answers, by question: what was chosen, whether Kahoot took it for right, and its points.
Played = Mapping[str, Sequence[tuple[str, str, bool, int]]]


def write(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    book = Workbook()
    del book["Sheet"]
    for name, lines in sheets.items():
        page = book.create_sheet(name)
        for line in lines:
            page.append(list(line))
    book.save(path)
    return path


def overview() -> list[list[Any]]:
    return [["Gates and gradients"], ["Played on", "25 Oct 2022"], ["Hosted by", "somebody"]]


def raw(played: Played, header: Sequence[str] = RAW, as_text: bool = False) -> list[Sequence[Any]]:
    """One row for each player and question."""
    lines: list[Sequence[Any]] = [header]
    for player, answers in played.items():
        for number, (question, answer, right, points) in enumerate(answers, 1):
            row = {
                "Question Number": number,
                "Question": question,
                "Player": player,
                "Answer": answer,
                "Correct / Incorrect": "Correct" if right else "Incorrect",
                "Correct": int(right),
                "Incorrect": int(not right),
                "Score (points)": points,
            }
            renamed = {"Quiz Question Number": "Question Number", "Player Answer": "Answer"}
            values = [row.get(renamed.get(name, name)) for name in header]
            lines.append([str(each) if as_text and each is not None else each for each in values])
    return lines


def summary(played: Played) -> list[Sequence[Any]]:
    """Two columns for each question: points under its number, the answer under its text."""
    questions = [question for question, *_ in next(iter(played.values()))]
    titles = [title for number, text in enumerate(questions, 1) for title in (f"Q{number}", text)]
    lines: list[Sequence[Any]] = [
        ["Gates"],
        ["Kahoot! Summary"],
        ["Rank", "Player", "Total Score (points)", *titles],
    ]
    for rank, (player, answers) in enumerate(played.items(), 1):
        cells = [cell for _, answer, _, points in answers for cell in (points, answer)]
        lines.append([rank, player, sum(points for *_, points in answers), *cells])
    return lines


def final(played: Played) -> list[Sequence[Any]]:
    header = ["Rank", "Player", "Total Score (points)", "Correct Answers", "Incorrect Answers"]
    lines: list[Sequence[Any]] = [["Gates"], ["Final Scores"], header]
    for rank, (player, answers) in enumerate(played.items(), 1):
        right = sum(correct for *_, correct, _ in answers)
        lines.append([rank, player, sum(points for *_, points in answers), right, len(answers) - right])
    return lines
