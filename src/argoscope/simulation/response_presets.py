"""The response of each detector: what `settings_for` starts from.

"WireCell" is the configuration `cfg/experiment/{uboone,sbnd,icarus}`; "sample"
what was measured on the public SBND files of paper 0 (arXiv:2012.01301);
"larcv1" a public MicroBooNE file of about 2018; [E] an engineering value.
Drift constants come from the detector itself.

Noise of the sample: first induction and collection planes are Gaussian and
white from 5 to 7 units. The pixels above 7 far from every label, some 20 in a
million on every kind of plane, are faint gamma rays; they also bring the few
neighbours that the noise of these planes seems to have.

Kernel of the sample: offsets 0 to 2 from deposits in a single row; offsets 3
and 4 from a fit of the charge around lone columns to their true energy, with
absent pixels as "below threshold" (three events: 1.0 to 1.9 and 0 on induction
planes, 4.4 and -2.7 to -3.9 on collection planes; -17 to -30 at offset 2, so
that the sum may be that of long columns). With 4 instead of 0.5 at
offset 3, noise lifts ten times as many pixels over the threshold there as the
sample has.

Gain of the sample: its kernels are charge per true MeV, measured on charge that
had drifted. The lifetime takes that part of the charge away by itself, so the
gain gives it back: 0.816 of the charge is left on average (3 ms; drift of 0 to
1262 µs), and the kernels put 6 % too much on the sample's own true energy,
0.87 together.
"""

from __future__ import annotations

from dataclasses import replace

from argoscope.detectors import Detector, detector_named, drift_velocity
from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.simulation.response_settings import ResponseSettings

__all__ = ["DRIFTED_SHARE", "MEV_EQUIVALENT", "RESPONSES", "adjusted", "electronics_of", "settings_for"]

MEV_EQUIVALENT = 29661.0  # electrons: 1 MeV at a surviving share of 0.70; unit of the sample's kernels
DRIFTED_SHARE = 0.87  # none: of the charge before its drift, what the sample's kernels count; sample

_SBND_2018 = ResponseSettings(
    electrons_per_unit=MEV_EQUIVALENT * DRIFTED_SHARE,
    time_kernels=(  # image units per MeV-equivalent at row offsets 0 to 4; sample
        (97.0, 32.0, -26.5, 0.5),
        (91.0, 31.0, -26.5, 0.5),
        (112.0, 26.0, -25.0, 4.5, -2.5),
    ),
    collection_peaks=(111.0, 118.0),  # image units per MeV-equivalent in TPC0 and TPC1; sample
    wire_sigma=(0.0, 0.0, 0.0),  # wires; sample: no leakage to neighbouring wires
    time_sigma_us=0.0,  # µs; the kernels hold it
    noise_sigma=(1.57, 2.11, 1.39),  # image units; sample, from its values of 5 to 7
    noise_taps=((1.0,), (0.05, -0.10, 0.2, 1.0, 0.2, -0.10, 0.05), (1.0,)),  # sample
    noise_slow_share=(0.0, 0.69, 0.0),  # none; sample
    noise_slow_rows=10.0,  # rows; sample: 20 µs
)

_SBND = ResponseSettings(energy_spread="response")

_MICROBOONE = ResponseSettings(
    space_charge_transverse_cm=15.0,  # cm [E]
    space_charge_drift_cm=3.0,  # cm [E]
    space_charge_field=0.09,  # none [E]
    electrons_per_unit=200.0,  # electrons; papers 1 and 3: a MIP peaks near 40, muons reach 220
    time_sigma_us=1.429,  # µs; WireCell: 1 / (2 pi 0.1114 MHz)
    wire_sigma=(0.40, 0.40, 0.19),  # wires; WireCell
    threshold=10.0,  # image units; papers 1 to 3
    noise="regions",
    noise_sigma=(3.6, 3.6, 2.3),  # image units; larcv1, but V (6.9 there) as U: the 2D deconvolution [E]
    noise_taps=((0.015, 1.0, 0.015), (0.124, 1.0, 0.124), (0.040, 1.0, 0.040)),  # larcv1: lag 1 .03, .24, .08
    fake_roi_density=(2200.0, 2700.0, 800.0),  # per 512 x 512 pixels; larcv1
    dead_fraction=0.10,  # none; papers 1 and 2: about a tenth of the wires
    induction_roi=True,
    energy_spread="response",
)

_ICARUS = ResponseSettings(
    space_charge_transverse_cm=1.0,  # cm [E]
    space_charge_drift_cm=0.25,  # cm [E]
    space_charge_field=0.01,  # none [E]
    time_sigma_us=1.3,  # µs; WireCell
    energy_spread="response",
)

RESPONSES: dict[str, ResponseSettings] = {
    "sbnd-2018": _SBND_2018,
    "sbnd": _SBND,
    "microboone": _MICROBOONE,
    "icarus": _ICARUS,
    "cube": replace(_SBND, noise="none"),
    "cube-dual": replace(_SBND, noise="none"),
}
"""The response of every detector by its name, drift constants aside."""


def settings_for(detector: str | Detector, *, like: str | None = None) -> ResponseSettings:
    """Settings of a detector's response.

    Parameters
    ----------
    detector : str or Detector
        Its drift constants and the threshold of its images are taken.
    like : str, optional
        Detector whose electronics it has; by default its own.

    Returns
    -------
    ResponseSettings

    Raises
    ------
    InvalidArgument
        If the response is not known.

    Examples
    --------
    >>> settings_for("microboone").field_kv_cm, settings_for("sbnd-2018").time_kernels[2][:2]
    (0.2739, (112.0, 26.0))
    """
    found = detector_named(detector) if isinstance(detector, str) else detector
    name = like or found.name
    if name not in RESPONSES:
        raise InvalidArgument(
            f"the response of {name!r} is not known. {nearest_hint(name, RESPONSES)} "
            "Say with `like` which detector's electronics it has."
        )
    drift = found.drift
    return replace(
        RESPONSES[name],
        field_kv_cm=drift.field_kv_cm,
        lifetime_us=drift.lifetime_us,
        longitudinal_cm2_s=drift.longitudinal_cm2_s,
        transverse_cm2_s=drift.transverse_cm2_s,
        threshold=found.image.threshold or RESPONSES[name].threshold,
    )


def electronics_of(detector: Detector, *, otherwise: str) -> str:
    """Name of the detector whose electronics a detector has.

    Parameters
    ----------
    detector : Detector
        One that is read from a file may have any name.
    otherwise : str
        What to take if nothing tells.

    Returns
    -------
    str
        Its own name, if the response is known; else that of the detector with the same wires and readout, such as
        the one that a file extends; else `otherwise`.

    Examples
    --------
    >>> electronics_of(replace(detector_named("icarus"), name="mine"), otherwise="microboone")
    'icarus'
    """
    if detector.name in RESPONSES:
        return detector.name
    for name in RESPONSES:
        known = detector_named(name)
        if (detector.planes, detector.readout) == (known.planes, known.readout):
            return name
    return otherwise


def adjusted(detector: Detector, settings: ResponseSettings) -> Detector:
    """The detector as the settings make it: drift, misalignment of planes, threshold.

    The drift velocity changes with the field as its parametrization says, from
    the detector's own velocity.

    Raises
    ------
    InvalidArgument
        If the field lies outside the parametrization, the planes are not three, or `collection_peaks` does not
        go with the drift volumes.

    Examples
    --------
    >>> sbnd = detector_named("sbnd")
    >>> weaker = adjusted(sbnd, replace(settings_for(sbnd), field_kv_cm=0.45))
    >>> round(weaker.drift.velocity_cm_us, 4)
    0.1486
    """
    if len(detector.planes) != len(settings.shift_wires):
        raise InvalidArgument(
            f"{detector.name} has {len(detector.planes)} planes; the response knows three: two of induction, one of collection"
        )
    if settings.collection_peaks and len(settings.collection_peaks) != len(detector.volumes):
        raise InvalidArgument(
            f"collection_peaks (={settings.collection_peaks}) must have one number for each of the "
            f"{len(detector.volumes)} drift volumes of {detector.name}, or none at all"
        )
    old = detector.drift
    velocity = old.velocity_cm_us
    if settings.field_kv_cm != old.field_kv_cm:
        new, before = (drift_velocity(e, old.temperature_k) for e in (settings.field_kv_cm, old.field_kv_cm))
        velocity *= new / before
    drift = replace(
        old,
        velocity_cm_us=velocity,
        field_kv_cm=settings.field_kv_cm,
        lifetime_us=settings.lifetime_us,
        longitudinal_cm2_s=settings.longitudinal_cm2_s,
        transverse_cm2_s=settings.transverse_cm2_s,
    )
    planes = tuple(
        replace(plane, first_wire_cm=plane.first_wire_cm - shift * plane.pitch_cm) if shift else plane
        for plane, shift in zip(detector.planes, settings.shift_wires, strict=True)
    )
    late = [shift * detector.row_us for shift in settings.shift_rows]
    volumes = tuple(
        replace(volume, delays_us=tuple(a + b for a, b in zip(volume.delays_us, late, strict=True)))
        if any(late)
        else volume
        for volume in detector.volumes
    )
    image = replace(detector.image, threshold=settings.threshold)
    return replace(detector, drift=drift, planes=planes, volumes=volumes, image=image)
