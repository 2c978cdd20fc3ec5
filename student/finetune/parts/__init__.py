"""Small parts that several steps use: files, splits, photographs, the log, checkpoints, devices."""
