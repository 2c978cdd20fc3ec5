"""Programs that the sandbox starts as processes of their own. Only these may import heavy packages."""
