"""Rules about several routes at once, which are kept by solving in rounds."""
