"""The hosts that run users' handlers, one per language, and what they are given."""
