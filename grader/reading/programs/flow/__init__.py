"""Follows a submission's programs as they run, without running them: which object comes from which."""

from grader.reading.programs.flow.following import Flow, flows, of
from grader.reading.programs.flow.run import Use
from grader.reading.programs.flow.things import Reached, Thing

__all__ = ["Flow", "Reached", "Thing", "Use", "flows", "of"]
