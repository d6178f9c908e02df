"""Countries and first-level regions by their names, as GeoNames numbers them."""

from __future__ import annotations

from functools import cache

from perilune.crm.engine.spelling import key_of

_REGIONS: dict[str, str] = {
    "FR": "11 iledefrance idf|24 centrevaldeloire centre|27 bourgognefranchecomte bourgogne"
    " franchecomte|28 normandie normandy hautenormandie bassenormandie|32 hautsdefrance picardie"
    " nordpasdecalais|44 grandest alsace lorraine champagneardenne|52 paysdelaloire|53 bretagne"
    " brittany|75 nouvelleaquitaine aquitaine limousin poitoucharentes|76 occitanie midipyrenees"
    " languedocroussillon|84 auvergnerhonealpes auvergne rhonealpes|93 provencealpescotedazur paca"
    "|94 corse corsica",
    "DE": "01 badenwurttemberg|02 bayern bavaria baviere|03 bremen|04 hamburg|05 hessen hesse"
    "|06 niedersachsen lowersaxony|07 nordrheinwestfalen northrhinewestphalia nrw|08 rheinlandpfalz"
    " rhinelandpalatinate|09 saarland sarre|10 schleswigholstein|11 brandenburg"
    "|12 mecklenburgvorpommern|13 sachsen saxony saxe|14 sachsenanhalt|15 thuringen thuringia"
    "|16 berlin",
    "GB": "ENG england angleterre greaterlondon southeast southwest northwest northeast"
    " eastofengland westmidlands eastmidlands yorkshire yorkshireandthehumber|SCT scotland ecosse"
    "|WLS wales paysdegalles|NIR northernireland",
    "CA": "01 alberta ab|02 britishcolumbia bc|03 manitoba mb|04 newbrunswick nb"
    "|05 newfoundlandandlabrador nl|07 novascotia ns|08 ontario on|09 princeedwardisland pe"
    "|10 quebec qc|11 saskatchewan sk|12 yukon yt|13 northwestterritories nt|14 nunavut nu",
    "BE": "BRU bruxelles brussels bruxellescapitale|WAL wallonie wallonia|VLG flandre vlaanderen"
    " flanders",
    "AT": "01 burgenland|02 karnten|03 niederosterreich|04 oberosterreich|05 salzburg|06 steiermark"
    "|07 tirol|08 vorarlberg|09 wien vienna vienne",
    "IE": "L leinster|M munster|U ulster|C connacht connaught",
    "US": "AL alabama|AK alaska|AZ arizona|AR arkansas|CA california|CO colorado|CT connecticut"
    "|DE delaware|DC districtofcolumbia|FL florida|GA georgia|HI hawaii|ID idaho|IL illinois"
    "|IN indiana|IA iowa|KS kansas|KY kentucky|LA louisiana|ME maine|MD maryland|MA massachusetts"
    "|MI michigan|MN minnesota|MS mississippi|MO missouri|MT montana|NE nebraska|NV nevada"
    "|NH newhampshire|NJ newjersey|NM newmexico|NY newyork|NC northcarolina|ND northdakota|OH ohio"
    "|OK oklahoma|OR oregon|PA pennsylvania|RI rhodeisland|SC southcarolina|SD southdakota"
    "|TN tennessee|TX texas|UT utah|VT vermont|VA virginia|WA washington|WV westvirginia"
    "|WI wisconsin|WY wyoming",
}

EXONYMS: dict[str, dict[str, str]] = {
    "DE": {
        "munchen": "munich", "muenchen": "munich", "nurnberg": "nuremberg",
        "nuernberg": "nuremberg", "cologne": "koln", "koeln": "koln", "francfort":
        "frankfurtammain", "frankfurt": "frankfurtammain", "hanovre": "hannover", "hanover":
        "hannover", "hambourg": "hamburg", "brunswick": "braunschweig", "duesseldorf":
        "dusseldorf", "mayence": "mainz", "aixlachapelle": "aachen", "fribourgenbrisgau":
        "freiburg", "freiburgimbreisgau": "freiburg", "sarrebruck": "saarbrucken",
    },
    "AT": {"wien": "vienna", "vienne": "vienna"},
    "CH": {
        "geneva": "geneve", "genf": "geneve", "zuerich": "zurich", "bale": "basel", "berne": "bern",
        "lucerne": "luzern", "saintgall": "saintgallen", "sion": "sitten", "soleure": "solothurn",
        "neuenburg": "neuchatel", "bienne": "bielbienne", "biel": "bielbienne",
    },
    "BE": {
        "bruxelles": "brussels", "brussel": "brussels", "anvers": "antwerpen", "antwerp":
        "antwerpen", "gand": "gent", "ghent": "gent", "bruges": "brugge", "luik": "liege",
        "louvain": "leuven", "malines": "mechelen", "namen": "namur", "courtrai": "kortrijk",
    },
    "IT": {
        "milano": "milan", "roma": "rome", "torino": "turin", "firenze": "florence",
        "venezia": "venice", "napoli": "naples", "genova": "genoa", "turino": "turin",
        "genes": "genoa", "venise": "venice", "bologne": "bologna", "padoue": "padova",
    },
    "ES": {
        "barcelone": "barcelona", "seville": "sevilla", "saragosse": "zaragoza",
        "valence": "valencia", "vitoriagasteiz": "gasteizvitoria",
    },
    "NL": {"denhaag": "thehague", "lahaye": "thehague"},
    "GB": {"londres": "london", "edimbourg": "edinburgh", "cantorbery": "canterbury"},
    "PT": {"lisboa": "lisbon", "lisbonne": "lisbon"},
    "US": {"newyork": "newyorkcity", "philadelphie": "philadelphia", "nyc": "newyorkcity"},
    "DK": {"kobenhavn": "copenhagen", "copenhague": "copenhagen"},
    "CZ": {"praha": "prague"},
    "PL": {"warszawa": "warsaw", "varsovie": "warsaw"},
    "LU": {"luxembourgville": "luxembourg"},
}  # fmt: skip
"""Names that towns also go by, by country: the key of the name -> the key in GeoNames' table."""


@cache
def _regions(country: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, _REGIONS.get(country, "").split("|")):
        code, *names = line.split()
        found |= dict.fromkeys(names, code) | {code.lower(): code}
    return found


def region_code(country: str, text: str) -> str:
    """Return GeoNames' code of a region's name or code, "" where it is not known."""
    return _regions(country).get(key_of(text), "")
