"""One-shot schema migrations for both databases."""
