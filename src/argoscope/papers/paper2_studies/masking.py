"""Figures 11 to 15: what a network says of parts of a stopping muon and its electron."""

from __future__ import annotations

from argoscope.analyses.masking import stopping_pair
from argoscope.display.masking_figures import save_masking_figure
from argoscope.errors import InvalidArgument
from argoscope.events import Event
from argoscope.inference.masking import masking_study
from argoscope.papers.paper2_studies.hand_samples import HAND, hand_sample
from argoscope.papers.paper2_studies.sizes import Sizes
from argoscope.papers.paper2_studies.subjects import subject_for
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find", "worth"]

MICHEL = next(hand.preset for hand in HAND.values() if hand.figure == 8)
LENGTHS = (5, 20)
"""Pixels of the pieces: the paper's shortest, and one on which a track is to be seen."""
TITLE = "Figures 11 to 15: parts of a stopping muon"


def worth(event: Event) -> int:
    """Pixels of the shorter of a stopping muon and its electron; 0 where the crop has no such pair."""
    try:
        muon, electron = stopping_pair(event.images[0])
    except InvalidArgument:
        return 0
    return min(len(muon), len(electron))


def find(context: Context, sizes: Sizes) -> Section:
    """Cut the event with the longest such pair into pieces."""
    subject, sample = subject_for(context, sizes), hand_sample(sizes, MICHEL)
    path = sample_file(context, sample)
    lengths = [worth(event) for event in events_of(path)]
    entry = lengths.index(max(lengths))
    if not lengths[entry]:
        return Section(TITLE, f"Left out: none of {sample.said()} shows a muon with its Michel electron.")
    answer = masking_study(str(path), model=str(subject.model.path), entry=entry, lengths=LENGTHS)
    rows = tuple(
        (mask["name"], mask["pixels"], mask["track"], mask["shower"], mask["shower_share"]) for mask in answer["masks"]
    )  # fmt: skip
    note = f"{subject.how} Entry {entry} of {sample.said()}: one event, without interval."
    picture = save_masking_figure(answer, context.folder / "figure12.png", overwrite=True)
    return Section(
        TITLE,
        "All other pixels of the crop are set to zero. The paper sees, on an event of data: a piece of a minimum-ionizing track is "
        "told the better the longer it is; the end of a muon with rising energy loss is a track at any length; a Michel electron is "
        "a shower with or without its straight beginning, which alone is neither, and more a shower where the end of the muon "
        "is seen with it.",
        (
            Table(
                "Mean scores", ("left", "pixels", "track score", "shower score", "called shower"), rows, note
            ),
        ),
        (Figure("Figures 12 to 15: what was left, and the scores there", picture.name, note),),
    )
