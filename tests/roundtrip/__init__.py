"""The round trip: random workflows are written as choreographed applications, scanned, planned and proved, and must come back."""
