"""Evidence from running what was submitted, and from images that nobody listed.

docs/reproduction.md says what each lane proves.
"""
