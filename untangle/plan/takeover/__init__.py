"""How a workflow takes the place of the choreography: entries, what is switched on and off, and other ways to run a task."""
