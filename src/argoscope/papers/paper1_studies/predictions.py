"""Files of predicted instances, and what `argoscope evaluate` says of them; made once, kept with the samples."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from argoscope import __version__
from argoscope.analyses import veto
from argoscope.analyses.instance_blocks import Rules
from argoscope.analyses.simulated_flash import SimulatedFlashTagger
from argoscope.files.atomic import atomic_output
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.evaluate_veto import FLASH_SCAN, evaluate_veto
from argoscope.inference.predict import predict_file
from argoscope.models.weights import Model
from argoscope.papers.paper1_studies.sizes import PRESETS, Sizes, whole
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context

__all__ = ["evaluated", "predicted_file", "vetoed"]

Answer = dict[str, Any]


def predicted_file(context: Context, model: Model, source: Path) -> Path:
    """A file with the instances that a model finds in it.

    Raises
    ------
    Stopped
        If the work was asked to stop; it goes on where it was next time.
    """
    target = context.folder / "samples" / f"{source.stem}-{model.card.name}-{model.sha256[:8]}.h5"
    context.obey()
    predict_file(
        source, target, model=str(model.path), workers=context.workers, resume=True,
        report=context.report, stop=context.stop, command=f"argoscope reproduce: {target.stem}",
    )  # fmt: skip
    return target


def evaluated(context: Context, model: Model, source: Path) -> Answer:
    """`evaluate_instances` of a model on a file of true interactions."""
    path = predicted_file(context, model, source)
    context.report(f"evaluating {path.stem}", 0, 1)
    return _kept([path], "instances", lambda: evaluate_instances([path], obey=context.obey))


def vetoed(context: Context, model: Model, sizes: Sizes, *, extra_vetoes: bool) -> Answer:
    """`evaluate_veto` of a model on the three samples, alone and with the simulated second tagger.

    Parameters
    ----------
    context : Context
    model : Model
    sizes : Sizes
    extra_vetoes : bool
        Whether the second tagger rejects events too; else others of its kind are tried.
    """
    sources = [sample_file(context, whole(sizes, sample)) for sample in PRESETS]
    paths = [predicted_file(context, model, source) for source in sources]
    name = "full-tagger" if extra_vetoes else "veto"
    context.report(f"evaluating the {name} of {model.card.name}", 0, 1)

    def find() -> Answer:
        return evaluate_veto(
            paths, flash={"extra_vetoes": extra_vetoes}, flash_scan=not extra_vetoes, obey=context.obey
        )

    return _with_short_names(_kept(paths, name, find))


def _with_short_names(answer: Answer) -> Answer:
    """The answer with taggers called "network" that say which: the study says it."""
    long = f" ({', '.join(answer['models'])})"
    taggers = [{**tagger, "name": tagger["name"].replace(long, "")} for tagger in answer["taggers"]]
    return {**answer, "taggers": taggers}


def _answer_file(paths: Sequence[Path], name: str) -> Path:
    """Where an answer is kept: a digest tells those of other files, rules, taggers or versions of this package apart."""
    rules = [Rules(), veto.Rules(), veto.RATIOS, veto.PAPER_1, FLASH_SCAN, SimulatedFlashTagger()]
    state = repr([__version__, *(path.name for path in paths), *rules])
    return paths[0].with_suffix(f".{name}-{hashlib.sha256(state.encode()).hexdigest()[:8]}.json")


def _kept(paths: Sequence[Path], name: str, find: Callable[[], Answer]) -> Answer:
    """An answer from its file, found and kept there if it is not."""
    path = _answer_file(paths, name)
    if not path.exists():
        found = find()
        with atomic_output(path) as temporary:
            temporary.write_text(json.dumps(found) + "\n")
    answer: Answer = json.loads(path.read_text())
    return answer
