"""The rules, one a file; the name of each is a sentence about what it demands."""
