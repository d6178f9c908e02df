"""What a French postcode or INSEE code says by itself: the department and the part of the country.

Sources: INSEE, code officiel géographique (departments 01 to 95, 2A, 2B, 971 to 988); La Poste: the
first two digits of a postcode are the department's (Corsica 20; 200 and 201 are the South).
"""

from __future__ import annotations

import re

from perilune.crm.contracts.places import CORSICA, MAINLAND

OVERSEAS = {
    "GP": "971",
    "MQ": "972",
    "GF": "973",
    "RE": "974",
    "PM": "975",
    "YT": "976",
    "BL": "977",
    "MF": "978",
    "WF": "986",
    "PF": "987",
    "NC": "988",
}
"""The code of each overseas part by its ISO country."""

ISO_OF = {code: iso for iso, code in OVERSEAS.items()}
_CODE = re.compile(r"^(?:F|FR)?\s*-?\s*(\d[\d\s\u00a0\u202f]*)(?:\.0)?$", re.IGNORECASE)


def french(postcode: str) -> str:
    """Return a French postcode as five digits, "" for none; spreadsheets lose the zero in front."""
    found = _CODE.match(postcode.strip())
    digits = re.sub(r"\s", "", found[1]) if found else ""
    if len(digits) == 4:
        digits = "0" + digits
    return digits if len(digits) == 5 else ""


def department(postcode: str) -> str:
    """Return the department of a five-digit postcode: 01 to 95, 2A, 2B, 971 to 988; "" for none."""
    if len(postcode) != 5:
        return ""
    if postcode[:2] in {"97", "98"}:
        return "MC" if postcode[:3] == "980" else postcode[:3]
    if postcode[:2] == "20":
        return "2A" if postcode[:3] in {"200", "201"} else "2B"
    return postcode[:2] if "01" <= postcode[:2] <= "95" else ""


def of_insee(insee: str) -> str:
    """Return the department of an INSEE code of a commune."""
    return insee[:3] if insee[:2] in {"97", "98"} else insee[:2]


def part(department_code: str) -> str:
    """Return the part of the country that a department belongs to."""
    if department_code in {"2A", "2B"}:
        return CORSICA
    return department_code if len(department_code) == 3 else MAINLAND
