"""Side effects: files into a folder, a branch into a git repository. Nothing here decides what is written.

What is there already is left alone unless untangle wrote it itself; whatever fails leaves no trace.
"""
