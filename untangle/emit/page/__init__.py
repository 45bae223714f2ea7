"""What the audit page (`emit/html.py`) is made of: markup, the drawing of a chain, and the parts of the page."""
