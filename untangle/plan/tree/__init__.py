"""The tree of a workflow: its structure, and the passes that give it joins, loops, exclusive ways, and its final form."""
