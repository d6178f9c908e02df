"""A rule as SQL over the store's relations: on which records it is asked, and which break it.

`t` is the record. Values enter as parameters, names come from declarations only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import phonenumbers

from perilune.crm.queries import Where, conditions_sql, country_named
from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import QUALIFIED, QualityRule, QualityTest
from perilune.hub.engine.quality import forms
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.scope import Scope
from perilune.store import queries as store

MEANING = "COALESCE(s.meaning, 'open')"
_JOINS = {
    "s": "LEFT JOIN stage AS s ON s.id = t.stage_id",
    "q": "LEFT JOIN (SELECT n.pipeline_id, MIN(n.position) AS position FROM stage AS n"
    " WHERE n.is_qualified = TRUE AND n.meaning = 'open' GROUP BY n.pipeline_id) AS q"
    " ON q.pipeline_id = s.pipeline_id",
    "r": "LEFT JOIN rep AS r ON r.id = t.owner_id",
    "a": "LEFT JOIN account AS a ON a.id = t.account_id",
    "x": "LEFT JOIN currency_scale AS x ON x.currency = COALESCE(t.currency, :currency)",
    "l": "LEFT JOIN (SELECT m.opportunity_id, COUNT(*) AS n, COUNT(m.amount) AS known,"
    " SUM(m.amount) AS total, MIN(m.currency) AS least, MAX(m.currency) AS most"
    " FROM opportunity_line AS m GROUP BY m.opportunity_id) AS l ON l.opportunity_id = t.id",
}
_WORKED = {
    "opportunity": "opportunity_id",
    "account": "account_id",
    "contact": "contact_id",
    "lead": "lead_id",
}
"""By which field activities say that they were on a record."""


@dataclass
class Asked:
    """Rules of one kind as SQL. pairs: (applies, breaks) of each rule, never null."""

    kind: str
    as_of: AsOf
    made: Where = field(default_factory=Where)
    joins: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    _phones: str = ""
    _postcodes: str = ""

    @property
    def source(self) -> str:
        """The FROM clause: the kind's records with what rules compare them with."""
        return f'FROM "{self.kind}" AS t {" ".join(self.joins)}'

    def join(self, *names: str) -> None:
        """Read a relation beside the record."""
        for name in names:
            text = _JOINS.get(name) or self._worked()
            if text and text not in self.joins:
                self.joins.append(text)

    def give(self, value: object) -> str:
        """Keep a value and return its placeholder."""
        return self.made.give(value)

    def _worked(self) -> str:
        link = _WORKED.get(self.kind, "")
        if not link:
            return ""
        return (
            f"LEFT JOIN (SELECT w.{link} AS of_id, CAST(MAX(w.starts_at) AS DATE) AS day"
            f" FROM activity AS w WHERE w.starts_at <= :as_of GROUP BY w.{link}) AS v"
            " ON v.of_id = t.id"
        )

    def phone_code(self) -> str:
        """Return the calling code of the record's country, NULL where it is not known."""
        if not self._phones:
            codes = {
                text: f"+{phonenumbers.country_code_for_region(iso)}"
                for text, iso in self._countries().items()
                if phonenumbers.country_code_for_region(iso)
            }
            self._phones = self._by_country(codes)
        return self._phones

    def postcode_fits(self, text: str) -> str:
        """Return whether a postcode has its country's form, NULL where that is not known."""
        if not self._postcodes:
            fits = [
                f"WHEN t.country IN ({self.give(texts)}) THEN {forms.matches(text, form)}"
                for form, texts in self._forms().items()
            ]
            self._postcodes = f"CASE {' '.join(fits)} END" if fits else "CAST(NULL AS BOOLEAN)"
        return self._postcodes

    def _forms(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for text, iso in self._countries().items():
            if iso in forms.POSTCODES:
                found.setdefault(forms.POSTCODES[iso], []).append(text)
        return found

    def _by_country(self, codes: Mapping[str, str]) -> str:
        cases: dict[str, list[str]] = {}
        for text, code in codes.items():
            cases.setdefault(code, []).append(text)
        whens = [
            f"WHEN t.country IN ({self.give(texts)}) THEN {self.give(code)}"
            for code, texts in cases.items()
        ]
        return f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS VARCHAR)"

    def _countries(self) -> dict[str, str]:
        """Return the ISO code of each country as records of the kind write it."""
        sql = f'SELECT DISTINCT t.country FROM "{self.kind}" AS t WHERE t.country IS NOT NULL'
        found = store.run_sql(sql, scope=Scope.company(), as_of=self.as_of)
        codes = {}
        for text in sorted(found.column("country")):
            try:
                codes[text] = country_named(text)
            except Invalid:  # a country that nobody knows says nothing of telephones
                continue
        return codes


Pair = tuple[str, str]
"""On which records a test is asked, and which break it: conditions over `t`."""


def asked(kind: str, rules: Sequence[QualityRule], as_of: AsOf) -> Asked:
    """Return rules of a kind as SQL, in their order."""
    made = Asked(kind, as_of)
    fields = {item.name: item for item in all_fields(kind)}
    if kind == "opportunity":
        made.join("s")
    for rule in rules:
        parts = conditions_sql(kind, rule.conditions, as_of, made.made)
        if rule.stage:
            parts.append(_from_stage(made, rule.stage))
        item = fields.get(rule.field)
        guard, breaks = ("FALSE", "FALSE") if item is None else _TESTS[rule.test](made, rule, item)
        applies = " AND ".join(f"COALESCE({part}, FALSE)" for part in [*parts, guard])
        made.pairs.append((f"({applies})", f"({applies} AND COALESCE({breaks}, FALSE))"))
    return made


def _from_stage(made: Asked, stage: str) -> str:
    if stage == QUALIFIED:
        made.join("s", "q")
        return "s.position >= q.position"
    made.join("s")
    name = f"f{stage}"
    text = (
        f"LEFT JOIN stage AS {name} ON {name}.id = {int(stage)}"
        f" AND {name}.pipeline_id = s.pipeline_id"
    )
    if text not in made.joins:
        made.joins.append(text)
    return f"s.position >= {name}.position"


def _filled(made: Asked, rule: QualityRule, item: Field) -> Pair:
    column = f't."{item.name}"'
    if item.type in (FieldType.TEXT, FieldType.LONG_TEXT):
        return "TRUE", f"({column} IS NULL OR TRIM({column}) = '')"
    return "TRUE", f"{column} IS NULL"


def _owned(made: Asked, rule: QualityRule, item: Field) -> Pair:
    return "TRUE", "t.owner_id IS NULL"


def _owner_here(made: Asked, rule: QualityRule, item: Field) -> Pair:
    made.join("r")
    return "t.owner_id IS NOT NULL", "(r.id IS NULL OR r.leave_date < :as_of_day)"


def _formed(fits: Callable[[str], str]) -> Callable[[Asked, QualityRule, Field], Pair]:
    def test(made: Asked, rule: QualityRule, item: Field) -> Pair:
        column = f't."{item.name}"'
        return f"{column} IS NOT NULL", f"NOT {fits(column)}"

    return test


def _postcode(made: Asked, rule: QualityRule, item: Field) -> Pair:
    column = f't."{item.name}"'
    fits = made.postcode_fits(f"UPPER(TRIM({column}))")
    return f"({column} IS NOT NULL AND ({fits}) IS NOT NULL)", f"NOT ({fits})"


def _between(made: Asked, rule: QualityRule, item: Field) -> Pair:
    column = f't."{item.name}"'
    scale = ""
    if item.type is FieldType.MONEY:  # bounds are major units of the record's own currency
        made.join("x")
        scale = " * COALESCE(x.scale, 100.0)"
    elif item.type is FieldType.UNIT_PRICE:
        scale = " * 10000.0"
    parts = []
    if rule.least is not None:
        parts.append(f"{column} < {made.give(rule.least)}{scale}")
    if rule.most is not None:
        parts.append(f"{column} > {made.give(rule.most)}{scale}")
    return f"{column} IS NOT NULL", f"({' OR '.join(parts) or 'FALSE'})"


def _near(made: Asked, rule: QualityRule, item: Field) -> Pair:
    column, day = f't."{item.name}"', made.as_of.day
    parts = []
    if rule.least is not None:
        parts.append(f"{column} < {made.give(day + timedelta(days=int(rule.least)))}")
    if rule.most is not None:
        parts.append(f"{column} > {made.give(day + timedelta(days=int(rule.most)))}")
    return f"{column} IS NOT NULL", f"({' OR '.join(parts) or 'FALSE'})"


def _stale(made: Asked, rule: QualityRule, item: Field) -> Pair:
    made.join("v")
    day = made.give(made.as_of.day - timedelta(days=rule.days))
    told = f"CAST(t.valid_from AS DATE) < {day}"
    if made.kind in _WORKED:
        told = f"({told} AND (v.day IS NULL OR v.day < {day}))"
    return "TRUE", told


def _overdue(made: Asked, rule: QualityRule, item: Field) -> Pair:
    column = f't."{item.name}"'
    return f"{column} IS NOT NULL", f"{column} < :as_of_day"


def _won_amount(made: Asked, rule: QualityRule, item: Field) -> Pair:
    return f"{MEANING} = 'won'", "(t.amount IS NULL OR t.amount = 0)"


def _closed_ahead(made: Asked, rule: QualityRule, item: Field) -> Pair:
    is_closed = f"({MEANING} IN ('won', 'lost') AND t.close_date IS NOT NULL)"
    return is_closed, "t.close_date > :as_of_day"


def _closes_early(made: Asked, rule: QualityRule, item: Field) -> Pair:
    both = "(t.close_date IS NOT NULL AND t.created_date IS NOT NULL)"
    return both, "t.close_date < t.created_date"


def _currency(made: Asked, rule: QualityRule, item: Field) -> Pair:
    made.join("a")
    return "(t.currency IS NOT NULL AND a.currency IS NOT NULL)", "t.currency <> a.currency"


def _lines(made: Asked, rule: QualityRule, item: Field) -> Pair:
    made.join("l")
    own = "COALESCE(t.currency, :currency)"
    one = f"COALESCE(l.least, {own}) = {own} AND COALESCE(l.most, {own}) = {own}"
    return f"(l.n > 0 AND l.known = l.n AND t.amount IS NOT NULL AND {one})", "t.amount <> l.total"


def _phone_country(made: Asked, rule: QualityRule, item: Field) -> Pair:
    bare = f"REPLACE(REPLACE({forms.plain('t.phone')}, '(', ''), ')', '')"
    full = f"CASE WHEN SUBSTR({bare}, 1, 2) = '00' THEN '+' || SUBSTR({bare}, 3) ELSE {bare} END"
    code = made.phone_code()
    guard = f"(t.phone IS NOT NULL AND SUBSTR({full}, 1, 1) = '+' AND ({code}) IS NOT NULL)"
    return guard, f"SUBSTR({full}, 1, LENGTH({code})) <> ({code})"


def _siret_siren(made: Asked, rule: QualityRule, item: Field) -> Pair:
    siren, siret = forms.plain("t.siren"), forms.plain("t.siret")
    return "(t.siren IS NOT NULL AND t.siret IS NOT NULL)", f"SUBSTR({siret}, 1, 9) <> {siren}"


def _vat_siren(made: Asked, rule: QualityRule, item: Field) -> Pair:
    number = f"UPPER({forms.plain('t.vat_number')})"
    is_french = f"SUBSTR({number}, 1, 2) = 'FR'"
    guard = f"(t.siren IS NOT NULL AND t.vat_number IS NOT NULL AND {is_french})"
    return guard, f"SUBSTR({number}, 5) <> {forms.plain('t.siren')}"


_T = QualityTest
_TESTS: dict[QualityTest, Callable[[Asked, QualityRule, Field], Pair]] = {
    _T.FILLED: _filled,
    _T.LINKED: _filled,
    _T.OWNED: _owned,
    _T.OWNER_HERE: _owner_here,
    _T.EMAIL: _formed(lambda text: forms.matches(f"TRIM({text})", forms.EMAIL)),
    _T.PHONE: _formed(lambda text: forms.matches(f"LOWER(TRIM({text}))", forms.PHONE)),
    _T.URL: _formed(lambda text: forms.matches(f"LOWER(TRIM({text}))", forms.URL)),
    _T.POSTCODE: _postcode,
    _T.SIREN: _formed(forms.siren),
    _T.SIRET: _formed(forms.siret),
    _T.VAT: _formed(forms.vat),
    _T.BETWEEN: _between,
    _T.NEAR: _near,
    _T.STALE: _stale,
    _T.OVERDUE: _overdue,
    _T.WON_AMOUNT: _won_amount,
    _T.CLOSED_AHEAD: _closed_ahead,
    _T.CLOSES_EARLY: _closes_early,
    _T.CURRENCY: _currency,
    _T.LINES: _lines,
    _T.PHONE_COUNTRY: _phone_country,
    _T.SIRET_SIREN: _siret_siren,
    _T.VAT_SIREN: _vat_siren,
}
