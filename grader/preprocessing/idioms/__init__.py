"""Ways in which code says how images are prepared: one small file each, and this table.

An idiom is a function `find(call, scope)` that yields the steps which one call stands for.
"""

import ast
from collections.abc import Callable, Iterator

from grader.preprocessing.constants import Scope
from grader.preprocessing.idioms import geometry, library, normalize
from grader.preprocessing.steps import Step

Idiom = Callable[[ast.Call, Scope], Iterator[Step]]

TABLE: tuple[Idiom, ...] = (normalize.find, geometry.find, library.find)
