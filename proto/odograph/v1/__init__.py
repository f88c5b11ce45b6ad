"""Version 1 of the API: messages and service stubs."""
