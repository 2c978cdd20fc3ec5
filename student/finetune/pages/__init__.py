"""The report's pages: chapters, figures, and how they look. report.py puts them in order."""
