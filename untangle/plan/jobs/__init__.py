"""What a workflow waits for itself: jobs of services and their ends, and moments that a schedule names."""
