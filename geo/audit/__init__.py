"""From a match to findings: visits, deviations, mileage, claim, score."""
