"""A treemap shows demand by area: no tile lies, none hides another."""

import itertools
import random

import pytest

from portal.treemap import Box, squarify, squarify_groups

WIDE, TALL = Box(0, 0, 1072, 560), Box(10, 20, 354, 760)


def weights(seed, most=60):
    chance = random.Random(seed)
    return sorted((1 + 80 / (place + 1) * chance.random() for place in range(chance.randint(1, most))), reverse=True)


def lies_inside(box, outer, slack=1e-6):
    return (
        box.left >= outer.left - slack and box.top >= outer.top - slack
        and box.left + box.width <= outer.left + outer.width + slack and box.top + box.height <= outer.top + outer.height + slack
    )  # fmt: skip


def overlap(one, other, slack=1e-6):
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    high = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return wide > slack and high > slack


def test_the_example_of_the_paper_is_laid_out_as_there():
    # Bruls, Huizing and van Wijk 2000, figure 4: areas 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 by 4.
    boxes = squarify([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))
    assert [(round(box.width, 3), round(box.height, 3)) for box in boxes] == [
        (3, 2), (3, 2), (1.714, 2.333), (1.286, 2.333), (1.2, 1.667), (1.2, 1.667), (0.6, 1.667)
    ]  # fmt: skip


@pytest.mark.parametrize("outer", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize("seed", range(10))
def test_areas_are_in_proportion_fill_the_box_and_do_not_overlap(seed, outer):
    given = weights(seed)
    boxes = squarify(given, outer)
    unit = outer.area / sum(given)
    assert [box.area for box in boxes] == pytest.approx([weight * unit for weight in given])
    assert all(lies_inside(box, outer) for box in boxes)
    assert not any(overlap(one, other) for one, other in itertools.combinations(boxes, 2))


def test_tiles_are_nearer_to_squares_than_slices():
    boxes = squarify([1] * 30, WIDE)
    assert max(max(box.width / box.height, box.height / box.width) for box in boxes) < 2


def test_boxes_come_in_the_order_of_their_weights_also_when_it_is_not_theirs():
    small, large = squarify([1, 9], Box(0, 0, 10, 10))
    assert (small.area, large.area) == pytest.approx((10, 90))


def test_nothing_has_no_boxes():
    assert squarify([], WIDE) == [] and squarify_groups([], WIDE, head=20) == []


@pytest.mark.parametrize("outer", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize("seed", range(10))
def test_tiles_of_all_groups_are_in_proportion_although_a_strip_stands_above_each_group(seed, outer):
    groups = [weights(seed * 10 + number, most=15) for number in range(1 + seed % 7)]
    laid = squarify_groups(groups, outer, head=20)
    per_weight = [box.area / weight for (_, boxes), given in zip(laid, groups, strict=True) for box, weight in zip(boxes, given, strict=True)]
    assert max(per_weight) / min(per_weight) < 1.1
    for group, boxes in laid:
        assert lies_inside(group, outer)
        strip = 20 if group.height >= 60 else 0
        assert all(lies_inside(box, group) and box.top >= group.top + strip - 1e-6 for box in boxes)
    everything = [box for _, boxes in laid for box in boxes]
    assert not any(overlap(one, other) for one, other in itertools.combinations(everything, 2))
