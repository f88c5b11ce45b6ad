"""Between the messages of `odograph.v1` and the dataclasses of the use cases, both ways."""
