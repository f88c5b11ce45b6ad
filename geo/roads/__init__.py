"""Road networks: import, storage, snapping."""
