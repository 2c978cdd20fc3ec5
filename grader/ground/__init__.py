"""What everything may use: errors, harmless text, typed TOML, exact tests, the words of a verdict."""
