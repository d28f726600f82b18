import pytest

from labels.errors import StockError
from labels.stock import STOCKS, Stock, stock_named


def made(**changes):
    values = {
        "code": "OWN", "use": "test", "label": (63.5, 38.1), "columns": 3, "rows": 7, "left": 7.2, "top": 15.15,
        "pitch_x": 66.04, "pitch_y": 38.1, "source": "test",
    }  # fmt: skip
    return Stock(**{**values, **changes})


@pytest.mark.parametrize("stock", STOCKS.values(), ids=lambda stock: stock.code)
def test_no_label_leaves_its_page(stock):
    for position in range(1, stock.positions + 1):
        x, y = stock.corner(position)
        assert x >= 0
        assert y >= 0
        assert x + stock.label[0] <= stock.page[0] + 0.2
        assert y + stock.label[1] <= stock.page[1] + 0.2


def test_positions_run_row_by_row():
    stock = STOCKS["L7160"]
    assert stock.positions == 21
    assert stock.corner(1) == pytest.approx((7.2, 15.15))
    assert stock.corner(3) == pytest.approx((139.28, 15.15))
    assert stock.corner(4) == pytest.approx((7.2, 53.25))
    assert stock.corner(21) == pytest.approx((139.28, 243.75))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"left": 9.2}, "add up to 213.98 mm along x, the page has 210.0 mm"),
        ({"pitch_y": 36}, "labels overlap along y"),
        ({"rows": 8}, "mm along y"),
        ({"columns": 0}, "at least one column"),
        ({"label": (-1, 38.1)}, "lengths must be positive"),
        # The values that one wide-spread template file gives for L7163; they miss the page by 1.2 mm.
        ({"label": (99.06, 38.1), "columns": 2, "left": 3.35, "pitch_x": 103.01}, "along x"),
    ],
)
def test_a_stock_that_cannot_be_is_refused_at_construction(changes, message):
    with pytest.raises(StockError, match=message):
        made(**changes)


def test_unequal_margins_can_be_said():
    assert made(left=6.2, right=8.2).corner(1) == (6.2, 15.15)


def test_a_stock_is_found_under_another_name_of_its_die_in_any_case():
    assert stock_named("l6114").code == "L6011"
    assert stock_named(" herma 4346 ").code == "L6009"


def test_an_own_stock_comes_before_ours():
    assert stock_named("L7160", {"L7160": made(code="L7160")}).use == "test"


def test_an_unknown_stock_is_refused_with_the_list_of_those_there_are():
    with pytest.raises(StockError, match=r"L9999: it is unknown\. Allowed: L7160, L7163"):
        stock_named("L9999")
