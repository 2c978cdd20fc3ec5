"""How much a check says about a repository without contract."""

SHOWN = 5  # places named in the findings of one check
