"""The nouns: frozen values that every stage reads and none changes.

Nothing here imports another part of untangle but `errors`; nothing here does input or output.
"""
