"""Evidence from running what was submitted. docs/reproduction.md says what each lane proves."""
