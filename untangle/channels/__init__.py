"""AWS channels, one file each. `CHANNELS` is the list that every stage asks."""
