"""What ships inside the user's functions: the outbox (Python in `outbox/`, Node.js in `node/`) and the worker."""
