"""What the class learnt, as one page for the instructor: it shows the key."""

from collections import Counter
from collections.abc import Iterator

from grader import __version__
from grader.course.quizzes.statistics import Class, Learnt, Taken
from grader.reading.quizzes import Free
from grader.render import page
from grader.render.page import shown

BINS = 10
SIDE = 240  # of the plot, in units of its own


def text(found: Class) -> str:
    title = f"What the class learnt: {found.quiz.title}"
    mean = sum(found.shares) / len(found.shares) if found.shares else 0.0
    lines = [
        f"<header><h1>{shown(title)}</h1>",
        f'<p class="verdict"><strong>{mean:.0%}</strong><span>of the points, on average of '
        f"{len(found.shares)} students</span></p>",
        '<p class="soft">For the instructor: this page shows the key.</p></header>',
        *_first(found),
        *_histogram(found),
        *_plot(found),
        *(line for number, each in enumerate(found.questions, 1) for line in _question(number, each)),
    ]
    return page.document(title, lines, f"grader {__version__}")


def _first(found: Class) -> Iterator[str]:
    yield "<h2>To look at first</h2>"
    if not found.first:
        yield '<p class="soft">Nothing: no question behaves oddly.</p>'
        return
    yield "<ul>"
    for each in found.first:
        name = shown(each.question.id)
        yield f'<li><a href="#{name}">{name}</a>: {"; ".join(map(shown, each.looks))}</li>'
    yield "</ul>"


def _histogram(found: Class) -> Iterator[str]:
    tenths = Counter(min(int(share * BINS), BINS - 1) for share in found.shares)
    highest = max(tenths.values(), default=1)
    yield '<h2>Points, in percent</h2>\n<ol class="histogram">'
    for tenth in range(BINS):
        height = f"{tenths[tenth] / highest:.0%}"
        yield (
            f'<li><b style="height:{height}"></b><i>{tenths[tenth] or ""}</i>'
            f"<small>{10 * tenth}-{10 * tenth + 10}</small></li>"
        )
    yield "</ol>"


def _plot(found: Class) -> Iterator[str]:
    """Each question as a point: to the right the easier ones, to the top those that tell students apart."""
    known = [(n, each) for n, each in enumerate(found.questions, 1) if each.discrimination is not None]
    pairs = (f"{number}: {each.difficulty:.0%}, {each.discrimination:.2f}" for number, each in known)
    told = "; ".join(pairs)
    yield "<h2>Easy and telling</h2>"
    box = f"-30 -10 {SIDE + 50} {SIDE + 40}"
    yield f'<svg class="plot" viewBox="{box}" role="img" aria-label="{shown(told)}">'
    yield f'<path d="M0 0V{SIDE}H{SIDE}M0 {SIDE / 2}H{SIDE}"/>'
    for number, each in known:
        x, y = each.difficulty * SIDE, (1 - (each.discrimination or 0)) / 2 * SIDE
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9"/><text x="{x:.1f}" y="{y + 4:.1f}">{number}</text>'
    yield f'<text x="{SIDE / 2}" y="{SIDE + 22}">share of the points: hard to easy</text>'
    yield f'<text transform="rotate(-90)" x="{-SIDE / 2}" y="-12">discrimination, -1 to 1</text></svg>'


def _question(number: int, each: Learnt) -> Iterator[str]:
    yield f'<section id="{shown(each.question.id)}"><h2>{number}. {shown(each.question.spoken)}</h2>'
    yield f'<p class="soft">{_in_short(each)}</p>'
    yield from (f"<p><strong>Look:</strong> {shown(look)}</p>" for look in each.looks)
    if each.taken:
        yield '<div class="wide"><table class="taken"><tr><th scope="col">choice</th>'
        yield '<th scope="col">better half</th><th scope="col">weaker half</th></tr>'
        most = max(max(taken.better, taken.weaker) for taken in each.taken) or 1
        yield from (_taken(taken, most) for taken in each.taken)
        yield "</table></div>"
    yield "</section>"


def _in_short(each: Learnt) -> str:
    if isinstance(each.question, Free):
        return "A person reads the answers: they are not counted here."
    if not each.students:
        return "Nobody was asked."
    told = "-" if each.discrimination is None else f"{each.discrimination:.2f}"
    return f"{each.students} students; difficulty {each.difficulty:.0%} of the points; discrimination {told}"


def _taken(taken: Taken, most: int) -> str:
    right = ' <b class="sign passed">right</b>' if taken.right else ""
    bars = "".join(
        f'<td><span style="width:{80 * count / most:.0f}%"></span> {count}</td>'
        for count in (taken.better, taken.weaker)
    )
    return f'<tr><th scope="row">{shown(taken.text)}{right}</th>{bars}</tr>'
