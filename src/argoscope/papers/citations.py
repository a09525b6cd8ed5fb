"""Where the five papers stand."""

from __future__ import annotations

__all__ = ["CITATIONS"]

CITATIONS = {
    "paper 0": "SBND, Front. Artif. Intell. 4 (2021) 649917, arXiv:2012.01301",
    "paper 1": "MicroBooNE, JINST 17 (2022) P09015, arXiv:2201.05705",
    "paper 2": "MicroBooNE, Phys. Rev. D 99, 092001 (2019), arXiv:1808.07269",
    "paper 3": "MicroBooNE, Phys. Rev. D 103 (2021) 052012, arXiv:2012.08513",
    "paper 4": "Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663",
}
"""By the name that pages give them."""
