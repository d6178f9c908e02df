"""Quality of a made company's records: processor seconds at 100,000 deals and 50,000 accounts.

    python bench/quality.py [--deals 100000]

Every shipped rule is asked of a store with histories; nothing is kept between the questions.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--deals", type=int, default=100_000)
    deals = parser.parse_args().deals
    made.home()
    made.fill(deals)
    print(json.dumps(measured(), indent=1))


def measured() -> dict[str, Any]:
    """Return processor seconds of each question, and what the first one found."""
    from perilune.hub.queries.quality import rows, rules, scores
    from perilune.hub.queries.quality.implied import implied_fields
    from perilune.kernel.scope import Scope
    from perilune.people.queries import company

    today, whole = company().today, Scope.company()
    scores.overview(scores.month_ends(today, 12)[0], whole)  # libraries are loaded
    of_deals = [rule for rule in rules.rules_at(today) if rule.kind == "opportunity"]
    overdue = rules.current_rule("deal_overdue")
    month = scores.month_ends(today, 1)[0]
    asked: dict[str, Callable[[], Any]] = {
        "overview": lambda: scores.overview(today, whole),
        f"{len(of_deals)} rules of deals as of a month ago": lambda: scores.marks(
            "opportunity", of_deals, month, whole
        ),
        "six months": lambda: scores.trend(today, whole, months=6),
        "by source": lambda: scores.by_source(today, whole),
        "rows of a rule": lambda: rows.broken_rows(overdue, today, whole),
        "worklist": lambda: rows.worklist(today, whole),
        "implied fields of deals": lambda: implied_fields("opportunity", today),
    }
    found: dict[str, Any] = {}
    for name, ask in asked.items():
        begun = time.process_time()
        answer = ask()
        found[name] = round(time.process_time() - begun, 3)
        if name == "overview":
            found |= {"records": answer.records, "checks": answer.score.checked}
    return found


if __name__ == "__main__":
    main()
