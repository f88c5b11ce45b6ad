"""Where visits that are left out fit into given routes."""
