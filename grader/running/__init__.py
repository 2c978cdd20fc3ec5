"""What is run to know more."""
