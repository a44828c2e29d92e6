"""Names of centres in both languages."""

import pandas as pd
import pytest

from reports.centre_names import centre_name, named


def test_one_centre_bears_the_village_s_name_and_several_their_ordinal() -> None:
    assert centre_name("青石村", "village", 1, 1, "zh") == "青石村社区服务中心"
    assert [centre_name("青石村", "village", n, 12, "zh") for n in (1, 10, 11)] == [
        "青石村第一社区服务中心", "青石村第十社区服务中心", "青石村第十一社区服务中心"]
    assert centre_name("青石社区", "neighbourhood", 2, 2, "zh") == "青石社区第二服务中心"
    assert centre_name("青石村", "village", 2, 3, "en") == "青石村 Community Service Centre No. 2"


def test_names_of_a_plan_and_of_a_village_without_a_name() -> None:
    plan = pd.DataFrame({"name_base": ["青石村", ""], "name_kind": ["village", "other"], "village_code": ["1", "419901100201"],
                         "number": [1, 1], "centres_in_village": [1, 1]}, index=[7, 3])
    names = named(plan, "zh")
    assert names.index.tolist() == [7, 3] and names.tolist() == ["青石村社区服务中心", "419901100201社区服务中心"]


def test_an_unknown_kind_or_language_is_refused() -> None:
    with pytest.raises(KeyError, match="palace_one"):
        centre_name("青石村", "palace", 1, 1, "zh")
    with pytest.raises(ValueError, match="no catalogue"):
        centre_name("青石村", "village", 1, 1, "fr")
