"""Declared and deployed, made one."""
