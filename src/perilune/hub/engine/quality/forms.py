"""Forms of texts as expressions of SQL that DuckDB and Spark both answer: no row leaves the store.

Sources: INSEE (Luhn key of SIREN and SIRET, the sites of La Poste), article 41 of annexe II to the
CGI (key of the French VAT number), the Universal Postal Union's addressing pages (postcodes),
ITU-T E.164 (at most fifteen digits of a telephone number).
"""

from __future__ import annotations

EMAIL = '^[^@ ,;<>"]+@[^@ ,;<>".]+([.][^@ ,;<>".]+)+$'
PHONE = "^[+(]{0,2}([0-9][ ().\u00a0\u202f/-]*){6,15}((ext|x|poste)[ .]*[0-9]{1,6})?$"
URL = "^(https?://)?[^ /?#.@:]+([.][^ /?#.@:]+)+(:[0-9]+)?([/?#].*)?$"
VAT = "^[A-Z]{2}[A-Z0-9]{2,13}$"
_FRENCH_VAT = "^FR[A-Z0-9]{2}[0-9]{9}$"
POSTCODES = {
    "AT": "^[0-9]{4}$", "AU": "^[0-9]{4}$", "BE": "^[0-9]{4}$", "BR": "^[0-9]{5}-?[0-9]{3}$",
    "CA": "^[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]$", "CH": "^[0-9]{4}$", "CZ": "^[0-9]{3} ?[0-9]{2}$",
    "DE": "^[0-9]{5}$", "DK": "^[0-9]{4}$", "ES": "^[0-9]{5}$", "FI": "^[0-9]{5}$",
    "FR": "^[0-9]{2} ?[0-9]{3}$", "GB": "^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$",
    "IT": "^[0-9]{5}$", "JP": "^[0-9]{3}-?[0-9]{4}$", "LU": "^(L-?)?[0-9]{4}$",
    "NL": "^[0-9]{4} ?[A-Z]{2}$", "NO": "^[0-9]{4}$", "PL": "^[0-9]{2}-?[0-9]{3}$",
    "PT": "^[0-9]{4}(-[0-9]{3})?$", "SE": "^[0-9]{3} ?[0-9]{2}$", "US": "^[0-9]{5}(-[0-9]{4})?$",
}  # fmt: skip
"""Of countries whose postcodes have a form that is sure; those of others are not judged."""
_DOUBLED = "0516273849"
"""Where each digit stands when doubled and summed: 1 at 2, 2 at 4, …, 9 at 9 (the Luhn key)."""
_LA_POSTE = "356000000"


def plain(text: str) -> str:
    """Return the text without blanks, points and hyphens."""
    for blank in ("' '", "'\u00a0'", "'\u202f'", "'.'", "'-'"):
        text = f"REPLACE({text}, {blank}, '')"
    return text


def matches(text: str, form: str) -> str:
    """Return whether a text has a form; forms hold neither backslashes nor single quotes."""
    return f"REGEXP_MATCHES({text}, '{form}')"


def luhn(text: str, size: int) -> str:
    """Return whether the Luhn key of a text of `size` digits holds."""
    parts = []
    for place in range(1, size + 1):
        digits = "0123456789" if (size - place) % 2 == 0 else _DOUBLED
        parts.append(f"STRPOS('{digits}', SUBSTR({text}, {place}, 1)) - 1")
    return f"(({' + '.join(parts)}) % 10 = 0)"


def siren(text: str) -> str:
    """Return whether a text is a SIREN."""
    return _numbered(plain(text), 9)


def siret(text: str) -> str:
    """Return whether a text is a SIRET; those of La Poste sum to a multiple of five instead."""
    bare = plain(text)
    total = " + ".join(
        f"STRPOS('0123456789', SUBSTR({bare}, {place}, 1)) - 1" for place in range(1, 15)
    )
    post = f"(SUBSTR({bare}, 1, 9) = '{_LA_POSTE}' AND ({total}) % 5 = 0)"
    formed = matches(bare, "^[0-9]{14}$")
    return f"({formed} AND ({luhn(bare, 14)} OR {post}))"


def vat(text: str) -> str:
    """Return whether a text is a VAT number: by form, for France by its key where it is numeric."""
    bare = f"UPPER({plain(text)})"
    number = f"TRY_CAST(SUBSTR({bare}, 5, 9) AS BIGINT)"
    key = f"TRY_CAST(SUBSTR({bare}, 3, 2) AS BIGINT)"
    holds = f"({key} IS NULL OR {key} = (12 + 3 * ({number} % 97)) % 97)"
    french = f"({matches(bare, _FRENCH_VAT)} AND {holds})"
    return f"({matches(bare, VAT)} AND (SUBSTR({bare}, 1, 2) <> 'FR' OR {french}))"


def _numbered(bare: str, size: int) -> str:
    return f"({matches(bare, f'^[0-9]{{{size}}}$')} AND {luhn(bare, size)})"
