"""One result model, many readers: each module here turns a verdict into one format."""
