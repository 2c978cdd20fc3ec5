"""Whose clocks count besides the student's: the host's, our own ledger's, those an assignment names."""
