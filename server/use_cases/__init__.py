"""What the service can do, as plain functions over dataclasses: the servicers and the command line both call them."""
