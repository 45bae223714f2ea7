"""Source code lowered to one small syntax, and one abstract interpreter for it.

Each language has a front end that lowers its concrete syntax (tree-sitter) to `syntax`; `interpreter` then follows the
handler's calls through the repository and reports the SDK calls it meets. What an SDK looks like in a language is
told to the interpreter by that language's `Library`.
"""
