"""How calls come in: the gRPC server, and the one place where errors become statuses."""
