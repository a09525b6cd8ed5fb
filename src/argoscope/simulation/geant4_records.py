"""Geant4's tracks, vertices and deposits, as calzone gives them, as our records.

calzone runs every primary as an event of its own and gives three tables:

    tracks      event, tid, parent (0: none), pid, creator
    vertices    event, tid, energy, position, direction, time, volume, process; ends of steps, and the first start
    deposits    event, tid, value, time, start, end (line) or position (point)

Lengths in cm, energies in MeV, times in s from the start of the primary.

What they do not say is taken from elsewhere, or is lost:

length      of a deposit: its chord; the scattering within a step is lost, so that an electron's dE/dx is somewhat high
process     calzone joins names ("Capture", "Inelastic"): parted again by the parent, see `process_of`
mass        no column: a table of the long-lived particles and A × 931.494 MeV for nuclei. Other particles, charmed
            ones at most, count with momentum = kinetic energy
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events.grid import rows_in
from argoscope.simulation.machine import MASS_OF_KIND, PDG_OF_KIND
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE, Process, Transported
from argoscope.simulation.settings import TransportSettings

__all__ = ["Run", "masses_of", "process_of", "records_of"]

MICROSECONDS = 1e6
"""µs in one of calzone's units of time."""
LONGEST_WORD = 15
"""Letters after which calzone cuts the name of a process."""
NUCLEI = 1_000_000_000
"""PDG codes from here are nuclei: 10LZZZAAAI."""
MASS_UNIT = 931.494102  # MeV, CODATA 2018

ELECTRON, PHOTON, MUON, NEUTRON, PROTON = 11, 22, 13, 2112, 2212
_MASSES = {int(pdg): float(mass) for pdg, mass in zip(PDG_OF_KIND, MASS_OF_KIND, strict=True)} | {
    # PDG, Review of Particle Physics (2022), MeV
    130: 497.611, 310: 497.611, 311: 497.611, 221: 547.862, 331: 957.78, 15: 1776.86,
    3122: 1115.683, 3222: 1189.37, 3212: 1192.642, 3112: 1197.449, 3322: 1314.86, 3312: 1321.71, 3334: 1672.45,
}  # fmt: skip

_PROCESSES = {process.larcv_name[:LONGEST_WORD]: process for process in Process} | {
    "Primary": Process.primary,
    "Bremsstrahlung": Process.eBrem,
    "Bresstrahlung": Process.eBrem,  # calzone's word for hBrems
    "muBrems": Process.eBrem,
    "Conversion": Process.conv,
    "Compton": Process.compt,
    "Photoelectric": Process.phot,
    "Annihilation": Process.annihil,
    "Elastic": Process.hadElastic,
    "Coulomb": Process.hadElastic,
    "PairProduction": Process.muPairProd,
    "ePairProd": Process.muPairProd,
}
_NUCLEAR = (
    "Inelastic",
    "Photonuclear",
    "photonNuclear",
    "positronNuclear",
    "hBertiniCapture",
    "hFritiofCapture",
)
"""Words, or ends of words, of the reactions with nuclei."""


class Run(NamedTuple):
    """What one run of calzone gave; `event` is the row of the primary.

    Parameters
    ----------
    tracks, vertices : ndarray
    lines, points : ndarray
        Deposits of charged and of neutral particles in the active boxes.
    """

    tracks: np.ndarray
    vertices: np.ndarray
    lines: np.ndarray
    points: np.ndarray


def process_of(creator: str, parent_pdg: int) -> Process:
    """Our word for the process that made a particle.

    Our words are those of the papers' files. What has none takes the nearest, which changes no label:
    bremsstrahlung of muons and hadrons is eBrem, pairs by hadrons are muPairProd; a reaction of any other
    particle is that of the pion of its sign for mesons, else that of the proton for charged particles and
    of the neutron for neutral ones.

    Parameters
    ----------
    creator : str
        calzone's word.
    parent_pdg : int
        PDG code of the particle that reacted.

    Returns
    -------
    Process

    Raises
    ------
    InvalidArgument
        If the word is not known, or does not go with the parent.

    Examples
    --------
    >>> process_of("Capture", 13).name, process_of("Capture", 2112).name, process_of("kaon+Inelastic", 321).name
    ('muMinusCaptureAtRest', 'nCapture', 'piPlusInelastic')
    """
    if creator in _PROCESSES:
        return _PROCESSES[creator]
    if creator == "Ionisation":
        return {MUON: Process.muIoni, ELECTRON: Process.eIoni}.get(abs(parent_pdg), Process.hIoni)
    if creator == "Capture" and parent_pdg in (MUON, NEUTRON):
        return Process.muMinusCaptureAtRest if parent_pdg == MUON else Process.nCapture
    cut = len(creator) == LONGEST_WORD  # "anti_protonInel"
    if creator.endswith(_NUCLEAR) or (cut and any(creator.endswith("Inelastic"[:n]) for n in range(2, 9))):
        return _reaction_of(parent_pdg)
    raise InvalidArgument(
        f"Geant4 made a particle by {creator!r} from one of PDG code {parent_pdg}, and our record has no word for it: "
        "simulate with --transport own, or tell us the process"
    )


def _reaction_of(pdg: int) -> Process:
    """Reaction of a particle with a nucleus, by its family and charge."""
    if pdg in (211, 321):
        return Process.piPlusInelastic
    if pdg in (-211, -321):
        return Process.piMinusInelastic
    neutral = pdg in (PHOTON, 130, 310) or abs(pdg) in (NEUTRON, 311, 3122, 3212, 3322)
    return Process.neutronInelastic if neutral else Process.protonInelastic


def masses_of(pdg: np.ndarray) -> np.ndarray:
    """Masses of particles and nuclei.

    Parameters
    ----------
    pdg : ndarray, shape (n,), int

    Returns
    -------
    ndarray, shape (n,)
        MeV; 0 where unknown. Nuclei without their binding energy.

    Examples
    --------
    >>> masses_of(np.array([22, -13, 1000180400])).round(1).tolist()
    [0.0, 105.7, 37259.8]
    """
    codes, which = np.unique(pdg, return_inverse=True)
    known = [_MASSES.get(int(code), _MASSES.get(abs(int(code)), 0.0)) for code in codes]
    nucleons = codes // 10 % 1000
    return np.where(codes >= NUCLEI, nucleons * MASS_UNIT, known)[which]


def records_of(run: Run, primaries: np.ndarray, settings: TransportSettings) -> Transported:
    """Turn a run into the records of the transport.

    Parameters
    ----------
    run : Run
        Every primary has a track of its own.
    primaries : ndarray, shape (n,), `PRIMARY_DTYPE`
    settings : TransportSettings
        `row_energy` and `segment` are used. As in our own transport, what a delta ray or a member of a
        shower below `row_energy` leaves counts for the particle that made it; so does what a nucleus and
        what the electrons of a muon's capture leave.

    Returns
    -------
    Transported

    Raises
    ------
    InvalidArgument
        If a process is unknown, or the tables contradict one another.
    """
    # A child's number is above its parent's: parents come before children.
    keys, where = np.unique(_keys(run.tracks), return_index=True)
    tracks = run.tracks[where]
    parent = _parents(tracks, keys)
    process = _processes(tracks, parent)
    vertices = run.vertices[np.argsort(_keys(run.vertices), kind="stable")]
    first, end = (np.searchsorted(_keys(vertices), keys, side) for side in ("left", "right"))
    if (first == end).any():
        at = int((first == end).argmax())
        raise InvalidArgument(
            f"calzone gave no vertex of track {tracks['tid'][at]} of primary {tracks['event'][at]}"
        )
    keeper = _keepers(tracks["pid"], parent, process, vertices["energy"][first], settings.row_energy)
    kept = np.flatnonzero(keeper == np.arange(len(tracks)))
    row = np.searchsorted(kept, keeper)
    out = _track_table(tracks[kept], vertices[first[kept]], vertices[end[kept] - 1], primaries)
    out["process"] = process[kept]
    out["parent"] = np.where(parent[kept] >= 0, row[parent[kept]], -1)
    _relate(out)
    lines, of = _line_deposits(run.lines, primaries["t"], settings.segment)
    deposits = np.concatenate([lines, _point_deposits(run.points, primaries["t"])])
    deposits["track"] = row[_owners(keys, np.concatenate([_keys(run.lines)[of], _keys(run.points)]))]
    deposits = deposits[np.argsort(deposits["track"], kind="stable")]
    out["deposited"] = np.bincount(deposits["track"], deposits["energy"], len(out))
    return Transported(out, deposits)


def _keys(table: np.ndarray) -> np.ndarray:
    """One number for event and track."""
    return table["event"].astype(np.int64) << 32 | table["tid"].astype(np.int64)


def _parents(tracks: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Row of each track's parent, -1 for primaries."""
    born = tracks["parent"] > 0
    wanted = tracks["event"].astype(np.int64) << 32 | tracks["parent"].astype(np.int64)
    found = np.where(born, rows_in(keys, wanted), -1)
    lost = born & ((found < 0) | (found >= np.arange(len(keys))))
    if lost.any():
        at = int(lost.argmax())
        raise InvalidArgument(
            f"calzone gave no track {tracks['parent'][at]} of primary {tracks['event'][at]} before its child {tracks['tid'][at]}"
        )
    return found


def _processes(tracks: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """`process_of` of every track."""
    pairs = np.zeros(len(tracks), [("creator", "S16"), ("parent", "<i4")])
    pairs["creator"] = tracks["creator"]
    pairs["parent"] = np.where(parent >= 0, tracks["pid"][parent], 0)
    kinds, which = np.unique(pairs, return_inverse=True)
    found = [process_of(kind["creator"].decode(), int(kind["parent"])) for kind in kinds]
    return np.array(found, np.uint8)[which]


def _is_light(pdg: np.ndarray) -> np.ndarray:
    """Whether particles are electrons, positrons or photons."""
    return (np.abs(pdg) == ELECTRON) | (pdg == PHOTON)


def _keepers(
    pdg: np.ndarray, parent: np.ndarray, process: np.ndarray, energy: np.ndarray, row_energy: float
) -> np.ndarray:
    """The track whose row each track's energy counts for: itself, or who made it."""
    made_pdg = np.where(parent >= 0, pdg[parent], 0)
    freed = np.isin(process, (Process.muIoni, Process.hIoni, Process.muMinusCaptureAtRest))
    joins = (_is_light(pdg) & _is_light(made_pdg)) | ((pdg == ELECTRON) & freed) | (pdg >= NUCLEI)
    hidden = (parent >= 0) & joins & (energy < row_energy)
    while (below := hidden | ((parent >= 0) & hidden[parent])).sum() > hidden.sum():
        hidden = below
    return _tops(np.where(hidden, parent, np.arange(len(pdg))))


def _tops(link: np.ndarray) -> np.ndarray:
    """Follow links up to those that point to themselves."""
    while (link[link] != link).any():
        link = link[link]
    return link


def _relate(tracks: np.ndarray) -> None:
    """Fill ancestors and groups from the parents."""
    parent, own = tracks["parent"].astype(np.int64), np.arange(len(tracks))
    tracks["ancestor"] = _tops(np.where(parent >= 0, parent, own))
    light = _is_light(tracks["pdg"])
    tracks["group"] = _tops(np.where((parent >= 0) & light & light[parent], parent, own))


def _track_table(
    tracks: np.ndarray, first: np.ndarray, last: np.ndarray, primaries: np.ndarray
) -> np.ndarray:
    """Rows of tracks, without their process and relations; primaries as they were given."""
    out = np.zeros(len(tracks), TRACK_DTYPE)
    primary = primaries[tracks["event"].astype(np.int64)]
    out["pdg"], out["kinetic"] = tracks["pid"], first["energy"]
    out["interaction"], out["origin"] = primary["interaction"], primary["origin"]
    momentum = np.sqrt(first["energy"] * (first["energy"] + 2.0 * masses_of(tracks["pid"])))
    given = tracks["parent"] <= 0
    for axis, name in enumerate("xyz"):
        out[name] = np.where(given, primary[name], first["position"][:, axis])
        out[f"p{name}"] = np.where(given, primary[f"p{name}"], momentum * first["direction"][:, axis])
        out[f"end_{name}"] = last["position"][:, axis]
    out["t"] = primary["t"] + MICROSECONDS * first["time"]
    out["end_t"] = primary["t"] + MICROSECONDS * last["time"]
    return out


def _owners(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Place of each wanted key among the keys of the tracks."""
    found = rows_in(keys, wanted)
    if (found < 0).any():
        event, tid = divmod(int(wanted[found.argmin()]), 1 << 32)
        raise InvalidArgument(f"calzone gave a deposit of track {tid} of primary {event}, and no such track")
    return found


def _line_deposits(lines: np.ndarray, t: np.ndarray, segment: float) -> tuple[np.ndarray, np.ndarray]:
    """Deposits of charged particles, in equal parts of at most `segment`, and the line that each is of."""
    along = lines["end"] - lines["start"]
    chord = np.linalg.norm(along, axis=1)
    parts = np.maximum(np.ceil(chord / segment - 1e-9), 1).astype(np.int64)
    of = np.repeat(np.arange(len(lines)), parts)
    share = (np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts) + 0.5) / parts[of]
    share[chord[of] == 0] = 1.0  # left at rest: at the end of the step
    out = np.zeros(len(of), DEPOSIT_DTYPE)
    begin, end = lines["time"][:, 0], lines["time"][:, 1]
    out["t"] = t[lines["event"][of].astype(np.int64)] + MICROSECONDS * (begin[of] + share * (end - begin)[of])
    out["energy"], out["length"] = (lines["value"] / parts)[of], (chord / parts)[of]
    out["drift_cosine"] = np.divide(along[:, 0], chord, out=np.zeros(len(lines)), where=chord > 0)[of]
    for axis, name in enumerate("xyz"):
        out[name] = lines["start"][of, axis] + share * along[of, axis]
    return out, of


def _point_deposits(points: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Deposits of neutral particles, which have no length."""
    out = np.zeros(len(points), DEPOSIT_DTYPE)
    out["t"] = t[points["event"].astype(np.int64)] + MICROSECONDS * points["time"]
    out["energy"] = points["value"]
    for axis, name in enumerate("xyz"):
        out[name] = points["position"][:, axis]
    return out
