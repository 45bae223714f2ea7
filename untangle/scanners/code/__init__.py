"""Readers of handler source, one folder per language."""
