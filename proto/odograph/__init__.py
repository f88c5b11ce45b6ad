"""The API of odograph, generated from the .proto files beside its modules."""
