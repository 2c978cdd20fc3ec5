"""Quizzes at the border: notebooks, nbgrader, Kahoot's sheets, print, and results that come back."""
