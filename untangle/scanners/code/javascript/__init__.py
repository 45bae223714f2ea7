"""JavaScript and TypeScript handlers, both AWS SDKs."""
