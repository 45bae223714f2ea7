"""What a machine's tasks call."""
