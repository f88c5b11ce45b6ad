"""Reports for people: a day as one HTML file that opens anywhere, without internet."""
