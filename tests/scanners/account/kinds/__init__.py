"""One small application for every kind of channel, as a template and as an account that was made of it."""
