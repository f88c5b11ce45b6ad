"""What an audit may be told to do otherwise: the options of its parts, together."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.audit.cell_corridor import CorridorOptions
from geo.audit.claims import ClaimOptions
from geo.audit.deviation import DeviationOptions
from geo.audit.gap_mileage import GapOptions
from geo.audit.visit_options import VisitOptions


@dataclass(frozen=True)
class AuditOptions:
    """A company's rules. The defaults are what the documents describe.

    Parameters
    ----------
    visits
        What counts as a visit.
    corridor
        How wide the plan is.
    deviations
        What counts as leaving it.
    gaps
        How kilometres are counted where the track is silent.
    claims
        How a claim is compared.
    """

    visits: VisitOptions = field(default_factory=VisitOptions)
    corridor: CorridorOptions = field(default_factory=CorridorOptions)
    deviations: DeviationOptions = field(default_factory=DeviationOptions)
    gaps: GapOptions = field(default_factory=GapOptions)
    claims: ClaimOptions = field(default_factory=ClaimOptions)
