"""What is made from a lab for students and for nbgrader. Nothing of `private` is in what students get."""
