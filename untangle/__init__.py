"""untangle finds the workflows that are implicit in event-driven AWS applications and proposes state machines for them."""

__version__ = "0.1.0"
