"""Jupyter notebooks: their cells, and IPython's syntax in them. A notebook is never executed."""

from grader.reading.notebooks.book import BYTES, Cell, Notebook, Output, parse
from grader.reading.notebooks.ipython import Code, Command, translate

__all__ = ["BYTES", "Cell", "Code", "Command", "Notebook", "Output", "parse", "translate"]
