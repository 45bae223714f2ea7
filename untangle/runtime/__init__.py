"""What ships inside the user's functions: nothing here yet."""
