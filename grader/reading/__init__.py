"""What is read to know more: programs, notebooks, logs, language, preprocessing, phases, splits."""
