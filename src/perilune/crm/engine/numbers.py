"""French registration numbers: SIREN, SIRET, VAT.

Sources: INSEE (Luhn key of SIREN and SIRET; the sites of La Poste, SIREN 356000000, whose SIRET
digits sum to a multiple of 5), article 41 of annexe II to the CGI (key of the French VAT number).
"""

from __future__ import annotations

import re

from perilune.kernel.messages import gettext_noop as _

_LA_POSTE = "356000000"


def digits(text: str) -> str:
    """Return the digits of a text: «+33 1 02» gives 33102."""
    return re.sub(r"\D", "", text)


def _luhn(number: str) -> bool:
    """Tell whether the Luhn key of a number holds."""
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def siren_problem(text: str) -> str:
    """Return what is wrong with a SIREN (an English msgid), empty when it holds."""
    number = re.sub(r"\s", "", text)
    if not re.fullmatch(r"\d{9}", number):
        return _("A SIREN has nine digits.")
    return "" if _luhn(number) else _("The key of this SIREN does not hold: check its digits.")


def siret_problem(text: str) -> str:
    """Return what is wrong with a SIRET (an English msgid), empty when it holds."""
    number = re.sub(r"\s", "", text)
    if not re.fullmatch(r"\d{14}", number):
        return _("A SIRET has fourteen digits.")
    if _luhn(number):
        return ""
    if number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0:
        return ""
    return _("The key of this SIRET does not hold: check its digits.")


def vat_problem(text: str) -> str:
    """Return what is wrong with a VAT number (an English msgid), empty when it holds.

    The key is checked for France (FR kk SIREN, kk = (12 + 3 * (SIREN mod 97)) mod 97 where it is
    numeric); other countries only by form.
    """
    number = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{2,13}", number):
        return _("A VAT number begins with its country, such as FR 83 404833048.")
    if not number.startswith("FR"):
        return ""
    key, siren = number[2:4], number[4:]
    if not re.fullmatch(r"\d{9}", siren):
        return _("A French VAT number ends with the SIREN.")
    if key.isdigit() and int(key) != (12 + 3 * (int(siren) % 97)) % 97:
        return _("The key of this VAT number does not hold: check its digits.")
    return ""


def siren_of_vat(text: str) -> str:
    """Return the SIREN inside a French VAT number, empty for others."""
    number = re.sub(r"[\s.-]", "", text).upper()
    return number[4:] if re.fullmatch(r"FR[A-Z0-9]{2}\d{9}", number) else ""
