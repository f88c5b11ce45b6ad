"""What is kept: road networks, plans, tracks, audits and operations, in one SQL database."""
