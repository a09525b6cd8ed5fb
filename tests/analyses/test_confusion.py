"""Confusion matrices: scikit-learn's; rates: loops over events and pixels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as matrix_of_sklearn
from sklearn.metrics import precision_score, recall_score

from argoscope.analyses.confusion import confusion_matrix, merged, rates
from argoscope.errors import InvalidArgument

CLASSES = 4


def labels(pixels, seed, missing=()):
    """True labels, some unlabelled, of which some classes are missing; predictions that are right half the time."""
    rng = np.random.default_rng(seed)
    truth = rng.choice([n for n in range(CLASSES + 1) if n not in missing], pixels)
    wrong = rng.integers(0, CLASSES, pixels)
    return truth, np.where((rng.random(pixels) < 0.5) & (truth < CLASSES), truth, wrong)


EVENTS = [
    labels(200, 0),
    labels(0, 1),
    labels(1, 2, missing=(CLASSES,)),
    labels(90, 3, missing=(0, 2)),
    (np.full(5, CLASSES), np.zeros(5, dtype=np.int64)),
    labels(40, 4, missing=(3,)),
]
MATRICES = np.stack([confusion_matrix(*event, CLASSES) for event in EVENTS])


@pytest.mark.parametrize("number", [0, 2, 3, 5])
def test_a_matrix_is_that_of_scikit_learn(number):
    truth, predicted = EVENTS[number]
    charge = np.random.default_rng(number).uniform(0.1, 3.0, len(truth))
    for weights in (None, charge):
        kept = None if weights is None else weights[truth < CLASSES]
        want = matrix_of_sklearn(
            truth[truth < CLASSES], predicted[truth < CLASSES], labels=range(CLASSES), sample_weight=kept
        )
        # Charges are added in another order.
        np.testing.assert_allclose(
            confusion_matrix(truth, predicted, CLASSES, weights), want, rtol=1e-12, atol=1e-12
        )


def test_pixels_without_a_true_label_are_not_counted():
    truth, predicted = np.array([-1, CLASSES, 255, 1]), np.array([0, 9, -1, 1])
    assert confusion_matrix(truth, predicted, CLASSES).sum() == 1
    assert not MATRICES[1].any()
    assert not MATRICES[4].any()


def test_pooled_rates_are_recall_and_precision_of_all_pixels():
    truth, predicted = (np.concatenate(column) for column in zip(*EVENTS, strict=True))
    truth, predicted = truth[truth < CLASSES], predicted[truth < CLASSES]
    found = rates(MATRICES, pooled=True)
    recall = recall_score(truth, predicted, average=None, labels=range(CLASSES))
    precision = precision_score(truth, predicted, average=None, labels=range(CLASSES))
    assert [e.value for e in found.class_accuracy] == pytest.approx(recall.tolist())
    assert [e.value for e in found.class_purity] == pytest.approx(precision.tolist())
    assert found.accuracy.value == pytest.approx((truth == predicted).mean())


def test_rates_per_event_are_means_over_those_that_have_any():
    found = rates(MATRICES, pooled=False)
    whole = [(t == p)[t < CLASSES].mean() for t, p in EVENTS if (t < CLASSES).any()]
    assert found.accuracy.value == pytest.approx(np.mean(whole))
    assert (found.events, found.spread) == (4, pytest.approx(np.std(whole)))
    for one in range(CLASSES):
        each = [(p == one)[t == one].mean() for t, p in EVENTS if (t == one).any()]
        assert found.class_accuracy[one].value == pytest.approx(np.mean(each))
        assert found.class_events[one] == len(each)
        called = [
            (t == one)[(p == one) & (t < CLASSES)].mean()
            for t, p in EVENTS
            if ((p == one) & (t < CLASSES)).any()
        ]
        assert found.class_purity[one].value == pytest.approx(np.mean(called))


@pytest.mark.parametrize("pooled", [False, True])
def test_intervals_hold_their_value(pooled):
    found = rates(np.concatenate([MATRICES] * 5), pooled=pooled)
    for estimate in (found.accuracy, *found.class_accuracy, *found.class_purity):
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert estimate.low < estimate.high


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("events", [0, 1])
def test_nothing_gives_no_number_and_no_error(pooled, events):
    found = rates(np.zeros((events, CLASSES, CLASSES)), pooled=pooled)
    answer = found.to_json(("a", "b", "c", "d"))
    assert answer["accuracy"]["value"] is None
    assert answer["spread"] is None
    assert answer["classes"]["c"]["purity"] == {"value": None, "low": None, "high": None}


def test_merged_classes_are_those_of_merged_labels():
    """Paper 3: track is HIP and MIP, shower all else, by mapping the label."""
    truth, predicted = EVENTS[0]
    to = np.array([0, 0, 1, 1, 9])
    groups = [[0, 1], [2, 3]]
    want = confusion_matrix(np.where(truth < CLASSES, to[truth], 9), to[predicted], 2)
    assert (merged(MATRICES, groups)[0] == want).all()
    assert (merged(MATRICES, [[n] for n in range(CLASSES)]) == MATRICES).all()


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ([0, 1], [0], r"truth \(2 pixels\) and prediction \(1\) must be of equal length"),
        ([0, 1, 1], [0, -1, 4], "2 of 3 labelled pixels have no predicted class"),
    ],
)
def test_what_does_not_fit_is_refused(truth, predicted, message):
    with pytest.raises(InvalidArgument, match=message):
        confusion_matrix(np.array(truth), np.array(predicted), CLASSES)
