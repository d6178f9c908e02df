"""The words of the company: people, towns, sectors, products, stages. All firms are invented."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


COMPANY = "Hélianthe (démonstration)"

REGION_NAMES = ("France", "UK & Ireland", "DACH")
TEAM_NAMES = (
    "Île-de-France",
    "Nord et Ouest",
    "Sud et Est",
    "London & South",
    "North & Ireland",
    "Deutschland Nord",
    "Süd, Österreich & Schweiz",
)
TEAM_REGION = (0, 0, 0, 1, 1, 2, 2)
REGION_CURRENCY = ("EUR", "GBP", "EUR")
REGION_COUNTRY = ("FR", "GB", "DE")
REGION_TITLES = ("Ingénieur commercial", "Account Executive", "Vertriebsbeauftragter")

FIRST_NAMES = (
    _words(
        "Anne Paul Camille Louis Chloé Hugo Manon Jules Léa Antoine Claire Thomas Inès "
        "Nicolas Sarah Mathieu Élodie Julien Nathalie Karim Fatou Étienne Margaux Olivier Zoé "
        "Bastien Solène Yann Amélie Rémi Lucie Gaël Noémie Adrien Sabrina Vincent Céline "
        "Mehdi Aurélie Florent Hélène Romain Justine Cédric Pauline Loïc Marion Guillaume "
        "Anaïs Tristan"
    ),
    _words(
        "Olivia Jack Amelia Harry Isla George Emily Oliver Sophie Thomas Grace James Freya "
        "William Alice Henry Lucy Edward Aoife Conor Niamh Liam Priya Arjun Zara Callum "
        "Eleanor Rory Imogen Declan Hannah Owen Megan Rhys Fiona Angus Charlotte Daniel Ruby "
        "Samuel Georgia Patrick Erin Marcus Naomi Finlay Tessa Simon Rebecca Alastair"
    ),
    _words(
        "Anna Lukas Lena Felix Marie Jonas Julia Maximilian Laura Tobias Katharina Stefan "
        "Sabine Florian Nina Matthias Claudia Andreas Eva Markus Johanna Sebastian Ursina "
        "Reto Beat Regula Urs Franziska Michael Birgit Christoph Heike Jan Svenja Dominik "
        "Petra Simon Vera Philipp Annika"
    ),
)
LAST_NAMES = (
    _words(
        "Lefèvre Moreau Garnier Chevalier Rousseau Blanchard Fontaine Mercier Boyer Delorme "
        "Perrin Marchand Benali Diallo Carpentier Vasseur Legoff Kerbrat Ferrand Joubert "
        "Masson Picard Renaud Traoré Aubry Besson Collet Dumas Étienne Fabre Guérin Hamel "
        "Imbert Jacquet Lacroix Maillard Noël Ollivier Pasquier Quéré Roche Sabatier Tessier "
        "Vidal Weber Chauvin Brunet Lemaire Costa Bouvier Tanguy Humbert Poirier Leclercq "
        "Rivière Barthélemy Schmitt Arnaud Baudry Cordier"
    ),
    _words(
        "Hughes Bennett Murphy Foster Campbell Marsh O'Neill Whitfield Barrett Singh Patel "
        "Lawson Holloway Fletcher Sinclair Byrne Gallagher Doherty Kavanagh Ashworth "
        "Pemberton Langley Thornton Bradshaw Harding Ellison Croft Winslow Morgan Pritchard "
        "Vaughan Buchanan Drummond Kerr Lockwood Merrick Norwood Osborne Prescott Quigley "
        "Radcliffe Stanton Tremaine Underhill Wetherby Yardley Abbott Blythe Carver Denholm"
    ),
    _words(
        "Becker Hoffmann Schäfer Koch Richter Wolf Neumann Zimmermann Braun Krüger Hartmann "
        "Lange Werner Krause Lehmann Köhler Maier Huber Gruber Steiner Moser Bühler Frei "
        "Keller Baumann Graf Ammann Zbinden Vogel Jansen Petersen Hansen Friedrich Seidel "
        "Engel Busch Bergmann Pohl Arnold Winkler"
    ),
)

# (town, first digits of the post code, country, administrative region)
TOWNS = (
    (
        ("Paris", "75", "FR", "Île-de-France"),
        ("Nanterre", "92", "FR", "Île-de-France"),
        ("Versailles", "78", "FR", "Île-de-France"),
        ("Créteil", "94", "FR", "Île-de-France"),
    ),
    (
        ("Lille", "59", "FR", "Hauts-de-France"),
        ("Amiens", "80", "FR", "Hauts-de-France"),
        ("Rouen", "76", "FR", "Normandie"),
        ("Nantes", "44", "FR", "Pays de la Loire"),
        ("Rennes", "35", "FR", "Bretagne"),
        ("Bordeaux", "33", "FR", "Nouvelle-Aquitaine"),
    ),
    (
        ("Lyon", "69", "FR", "Auvergne-Rhône-Alpes"),
        ("Grenoble", "38", "FR", "Auvergne-Rhône-Alpes"),
        ("Marseille", "13", "FR", "Provence-Alpes-Côte d'Azur"),
        ("Toulouse", "31", "FR", "Occitanie"),
        ("Strasbourg", "67", "FR", "Grand Est"),
        ("Dijon", "21", "FR", "Bourgogne-Franche-Comté"),
    ),
    (
        ("London", "EC", "GB", "Greater London"),
        ("Reading", "RG", "GB", "South East"),
        ("Bristol", "BS", "GB", "South West"),
        ("Cambridge", "CB", "GB", "East of England"),
        ("Brighton", "BN", "GB", "South East"),
    ),
    (
        ("Manchester", "M", "GB", "North West"),
        ("Leeds", "LS", "GB", "Yorkshire"),
        ("Edinburgh", "EH", "GB", "Scotland"),
        ("Birmingham", "B", "GB", "West Midlands"),
        ("Dublin", "D", "IE", "Leinster"),
        ("Cork", "T", "IE", "Munster"),
    ),
    (
        ("Hamburg", "20", "DE", "Hamburg"),
        ("Berlin", "10", "DE", "Berlin"),
        ("Köln", "50", "DE", "Nordrhein-Westfalen"),
        ("Hannover", "30", "DE", "Niedersachsen"),
        ("Leipzig", "04", "DE", "Sachsen"),
    ),
    (
        ("München", "80", "DE", "Bayern"),
        ("Stuttgart", "70", "DE", "Baden-Württemberg"),
        ("Wien", "10", "AT", "Wien"),
        ("Zürich", "80", "CH", "Zürich"),
        ("Basel", "40", "CH", "Basel-Stadt"),
    ),
)
STREETS = (
    (
        "rue des Tilleuls",
        "avenue du Marché",
        "boulevard des Écoles",
        "quai des Brumes",
        "rue du Moulin",
    ),
    ("Mill Lane", "Station Road", "Market Street", "Orchard Way", "Bridge Street"),
    ("Lindenstraße", "Bahnhofstraße", "Gartenweg", "Mühlgasse", "Am Markt"),
)

# (sector, NAF class, the word in a firm's name by region)
SECTORS = (
    ("Logistics", "52.29B", ("Logistique", "Logistics", "Logistik")),
    ("Food industry", "10.89Z", ("Alimentaire", "Foods", "Lebensmittel")),
    ("Industrial equipment", "28.29B", ("Équipements", "Engineering", "Maschinenbau")),
    ("Software", "62.01Z", ("Logiciels", "Software", "Software")),
    ("Retail", "47.19B", ("Distribution", "Retail", "Handel")),
    ("Construction", "41.20B", ("Construction", "Builders", "Bau")),
    ("Energy", "35.11Z", ("Énergies", "Energy", "Energie")),
    ("Business services", "70.22Z", ("Conseil", "Consulting", "Beratung")),
    ("Health", "86.10Z", ("Santé", "Healthcare", "Gesundheit")),
    ("Chemicals", "20.59Z", ("Chimie", "Chemicals", "Chemie")),
    ("Insurance", "65.12Z", ("Assurances", "Insurance", "Versicherung")),
    ("Hospitality", "55.10Z", ("Hôtels", "Hotels", "Hotels")),
)
HEADS = _words(
    "Al Bel Bru Cal Cor Dor El Far Fel Gal Gri Hel Ir Jov Kel Lam Lun Mar Mel Mon Nor "
    "Oril Pal Per Quer Ral Ror Sal Sel Tal Tor Ul Val Ver Vol Wel Xer Yor Zel Zor"
)
MIDDLES = _words("a e i o u va vi no ri lo mi de ta ne so ru")
TAILS = _words(
    "bane bec cane dane dour gane lande line mont nelle quist rande ryl sane thys tane "
    "vane vek zane zian"
)
FORMS = {
    "FR": ("SAS", "SA", "SARL"),
    "GB": ("Ltd", "plc", "Ltd"),
    "IE": ("Ltd", "DAC", "Ltd"),
    "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "AT": ("GmbH", "AG", "GmbH"),
    "CH": ("AG", "GmbH", "AG"),
}
CURRENCY = {"FR": "EUR", "IE": "EUR", "DE": "EUR", "AT": "EUR", "GB": "GBP", "CH": "CHF"}
BANDS = (
    (10, "1-9"),
    (20, "10-19"),
    (50, "20-49"),
    (100, "50-99"),
    (250, "100-249"),
    (500, "250-499"),
    (1000, "500-999"),
    (5000, "1000-4999"),
    (10**9, "5000+"),
)
SEGMENTS = ("small", "mid", "enterprise")
SEGMENT_NAMES = ("Small business", "Mid-market", "Enterprise")
JOB_TITLES = (
    (
        "Directeur général",
        "Responsable achats",
        "Directrice financière",
        "Directeur des opérations",
        "Chef de projet",
    ),
    (
        "Chief Executive",
        "Head of Procurement",
        "Finance Director",
        "Operations Director",
        "Project Manager",
    ),
    (
        "Geschäftsführer",
        "Leiter Einkauf",
        "Kaufmännische Leiterin",
        "Betriebsleiter",
        "Projektleiter",
    ),
)
ROLES = ("decision_maker", "buyer", "economic_buyer", "champion", "user")

PIPELINE = "Sales"
# (name, meaning, category, probability in %, is qualified)
STAGES = (
    ("Prospecting", "open", "pipeline", 0.08, False),
    ("Qualification", "open", "pipeline", 0.18, True),
    ("Solution", "open", "best_case", 0.32, True),
    ("Proposal", "open", "most_likely", 0.5, True),
    ("Negotiation", "open", "commit", 0.7, True),
    ("Won", "won", "closed", 1.0, True),
    ("Lost", "lost", "omitted", 0.0, False),
)
WON, LOST = 5, 6
SOURCES = ("inbound", "outbound", "partner", "referral", "event")
TYPES = ("new", "expansion", "renewal")
TYPE_NAMES = (
    ("nouveau", "extension", "renouvellement"),
    ("new", "expansion", "renewal"),
    ("Neugeschäft", "Erweiterung", "Verlängerung"),
)
COMPETITORS = ("Boréalis", "Tramontane Systems", "Nordwind Software")
NO_REAL_DEAL = "No real deal"
LOSS_REASONS = ("Price", "Competitor", "No budget", "No decision", "Timing", "Product gap")
# (name, code, family, list price in EUR)
PRODUCTS = (
    ("Hélianthe Start", "HEL-STA", "Platform", 8_500),
    ("Hélianthe Pro", "HEL-PRO", "Platform", 26_000),
    ("Hélianthe Enterprise", "HEL-ENT", "Platform", 85_000),
    ("Analytics", "ADD-ANA", "Add-on", 12_000),
    ("Integration pack", "ADD-INT", "Add-on", 9_000),
    ("Premium support", "SRV-SUP", "Services", 6_000),
    ("Deployment", "SRV-DEP", "Services", 15_000),
    ("Training", "SRV-TRA", "Services", 4_000),
)
NEXT_STEPS = (
    (
        "Rappeler le décideur",
        "Envoyer la proposition",
        "Fixer la démonstration",
        "Valider le budget",
        "Relire le contrat",
        "Rencontrer la direction financière",
    ),
    (
        "Call the decision maker",
        "Send the proposal",
        "Book the demo",
        "Confirm the budget",
        "Review the contract",
        "Meet the finance team",
    ),
    (
        "Entscheider anrufen",
        "Angebot senden",
        "Vorführung vereinbaren",
        "Budget klären",
        "Vertrag prüfen",
        "Termin mit der Geschäftsleitung",
    ),
)
SUBJECTS = (
    (
        ("Rendez-vous client", "Démonstration", "Point d'avancement"),
        ("Appel de suivi", "Appel de qualification"),
        ("Proposition envoyée", "Suite à notre échange"),
        ("Préparation de l'offre", "Chiffrage"),
    ),
    (
        ("Customer meeting", "Demo", "Progress review"),
        ("Follow-up call", "Qualification call"),
        ("Proposal sent", "Following our discussion"),
        ("Proposal preparation", "Pricing work"),
    ),
    (
        ("Kundentermin", "Vorführung", "Statusgespräch"),
        ("Nachfassanruf", "Qualifizierungsgespräch"),
        ("Angebot gesendet", "Zu unserem Gespräch"),
        ("Angebotserstellung", "Kalkulation"),
    ),
)
OTHER_SUBJECTS = (
    ("Réunion d'équipe", "Saisie dans le CRM", "Formation", "Administratif"),
    ("Team meeting", "CRM data entry", "Training", "Admin"),
    ("Teambesprechung", "CRM-Pflege", "Schulung", "Verwaltung"),
)
CASE_SUBJECTS = (
    ("Question sur la facture", "Accès impossible", "Import en erreur", "Demande de paramétrage"),
    ("Invoice question", "Cannot log in", "Import fails", "Configuration request"),
    ("Frage zur Rechnung", "Kein Zugriff", "Import fehlerhaft", "Konfigurationswunsch"),
)
CAMPAIGN_NAMES = (
    ("Salon", "Webinaire", "Campagne e-mail", "Petit-déjeuner"),
    ("Trade show", "Webinar", "E-mail campaign", "Breakfast briefing"),
    ("Messe", "Webinar", "E-Mail-Kampagne", "Frühstück"),
)
CAMPAIGN_TYPES = ("event", "webinar", "email", "event")
