"""The servicers: read the request, call a use case, write the answer. No logic lives here."""
