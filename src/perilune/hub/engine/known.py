# ruff: noqa: E501  (lists of words, read as lists)
"""The headers that CRMs write, by kind and field, as folded letters and digits only.

Sources: Salesforce object reference (field names) and report labels, HubSpot and Pipedrive export
headers, the Maven Analytics CRM set, and their French labels. `_key` marks the record's own id;
`_status`, `_won` and `_lost` are a deal's state and closing times where they stand apart.
"""

from __future__ import annotations

_OWNER = "owner ownerid ownername dealowner opportunityowner salesagent salesrep rep representative seller salesperson accountowner contactowner leadowner hubspotownerid user proprietaire responsable commercial vendeur assignedto"
_ACCOUNT = "accountid account accountname company companyname organization organisation organizationname customer client compte societe entreprise associatedcompany orgname etablissement raisonsociale"
_PHONE = "phone phonenumber telephone tel mobile workphone"
_COUNTRY = "country billingcountry countryregion pays officelocation"
_CURRENCY = "currency currencyisocode currencycode devise dealcurrencycode"
_CREATED = "createddate created createdate datecreated creationdate createdat createdon datedecreation creele dealcreated engagedate opendate addtime"

SYNONYMS: dict[str, dict[str, str]] = {
    "opportunity": {
        "_key": "id opportunityid recordid dealid oppid opportunitynumber idopportunite idaffaire",
        "name": "name opportunityname opportunity dealname deal title nomdelaffaire affaire nomdelopportunite opportunite nom",
        "account_id": _ACCOUNT,
        "owner_id": _OWNER,
        "stage_id": "stagename stage dealstage salesstage etape phase pipelinestage",
        "pipeline_id": "pipeline pipelinename recordtype processus",
        "type": "type dealtype opportunitytype typedaffaire",
        "amount": "amount closevalue value dealvalue dealamount montant valeur totalamount tcv totalcontractvalue price expectedrevenueamount",
        "amount_annual": "acv annualcontractvalue annualamount montantannuel",
        "amount_recurring": "mrr arr recurringamount montantrecurrent annualrecurringrevenue",
        "amount_one_time": "onetimeamount setupfee montantponctuel",
        "currency": _CURRENCY,
        "close_date": "closedate closeddate expectedclosedate closingdate closed dateclosed datedecloture dateclotureprevue closedon actualclosedate",
        "created_date": _CREATED,
        "first_contact_date": "firstcontactdate firstactivitydate premiercontact datepremiercontact",
        "forecast_category": "forecastcategoryname forecastcategory categoriedeprevision prevision",
        "product_id": "product productname product2id produit",
        "contact_id": "contactid contact contactperson primarycontact associatedcontact",
        "campaign_id": "campaignid campaign primarycampaignsource",
        "source": "leadsource source originalsource origine sourcedupiste dealsource",
        "competitor": "competitor maincompetitors maincompetitor concurrent competitors",
        "next_step": "nextstep nextactivity prochaineetape",
        "loss_reason": "lossreason lostreason closedlostreason reasonlost motifdeperte raisondelaperte",
        "_status": "status dealstatus statut",
        "_won": "wontime wondate dategagnee",
        "_lost": "losttime lostdate dateperdue",
    },
    "account": {
        "_key": "id accountid companyid recordid organizationid orgid idcompte",
        "name": "name accountname account companyname company organization organisation raisonsociale nom compte societe entreprise sitename client etablissement denomination denominationsociale",
        "owner_id": _OWNER,
        "parent_id": "parentid parentaccount parentcompany subsidiaryof parentaccountid comptepere maisonmere",
        "industry": "industry sector secteur secteurdactivite activite",
        "segment": "segment tier rating",
        "headcount": "numberofemployees employees employeecount headcount effectif effectifs nombredesalaries",
        "headcount_band": "headcountband trancheeffectif",
        "annual_revenue": "annualrevenue revenue turnover chiffredaffaires ca",
        "currency": _CURRENCY,
        "founded_year": "yearestablished yearfounded yearstarted foundedyear anneedecreation",
        "country": _COUNTRY,
        "region": "billingstate state region stateregion province",
        "city": "billingcity city ville",
        "postcode": "billingpostalcode postalcode zip zipcode postcode codepostal",
        "street": "billingstreet street streetaddress address rue adresse",
        "latitude": "billinglatitude latitude lat gpslatitude latitudegps geolatitude ylat latitudewgs84",
        "longitude": "billinglongitude longitude long lon lng gpslongitude longitudegps geolongitude xlong xlon longitudewgs84",
        "website": "website domain companydomainname websiteurl siteweb site url",
        "phone": _PHONE,
        "siren": "siren",
        "siret": "siret",
        "vat_number": "vatnumber vat numerotva tva tvaintracommunautaire",
        "naf": "naf ape codenaf codeape",
        "nace": "nace codenace",
    },
    "contact": {
        "_key": "id contactid recordid personid idcontact",
        "name": "name fullname contactname person nomcomplet",
        "first_name": "firstname prenom givenname",
        "last_name": "lastname surname familyname nom nomdefamille",
        "email": "email emailaddress mail courriel workemail",
        "phone": _PHONE,
        "job_title": "title jobtitle fonction poste position",
        "account_id": _ACCOUNT,
        "owner_id": _OWNER,
        "language": "language langue preferredlanguage",
        "country": _COUNTRY + " mailingcountry",
    },
    "lead": {
        "_key": "id leadid recordid prospectid idpiste",
        "name": "name leadname fullname nom lead prospect leadnumber",
        "company": "company companyname organization societe entreprise",
        "email": "email emailaddress mail courriel",
        "phone": _PHONE,
        "job_title": "title jobtitle fonction poste whatisyourcurrentoccupation",
        "status": "status leadstatus statut etat",
        "source": "leadsource source originalsource origine origin leadorigin",
        "owner_id": _OWNER,
        "country": _COUNTRY,
        "created_date": _CREATED,
        "converted_date": "converteddate conversiondate datedeconversion",
        "account_id": "convertedaccountid",
        "contact_id": "convertedcontactid",
        "opportunity_id": "convertedopportunityid",
    },
    "product": {
        "_key": "id productid product2id recordid",
        "name": "name productname product produit nom designation",
        "code": "productcode code sku reference ref",
        "family": "family series productfamily category famille gamme",
        "list_price": "salesprice price unitprice listprice standardprice prix prixunitaire tarif",
        "currency": _CURRENCY,
        "is_active": "isactive active actif",
    },
    "rep": {
        "_key": "id userid repid ownerid employeeid matricule",
        "name": "name fullname username rep salesagent salesrep salesperson nom commercial user",
        "email": "email emailaddress mail courriel",
        "phone": _PHONE,
        "title": "title jobtitle fonction poste",
        "country": _COUNTRY,
        "hire_date": "hiredate startdate datedembauche dateentree hired",
        "leave_date": "leavedate enddate terminationdate datedesortie datededepart",
        "_manager": "manager managerid managername responsable",
        "_team": "team teamname equipe userrole role department",
        "_region": "region regionaloffice territory office zone",
    },
    "submission": {
        "_key": "id submissionid forecastid",
        "rep_id": "rep salesrep owner commercial",
        "team_id": "team equipe",
        "period_start": "periodstart debutdeperiode",
        "period_end": "periodend findeperiode",
        "made_on": "madeon submittedon forecastdate faitle",
        "category": "category forecastcategory categorie",
        "amount": "amount forecast montant",
        "currency": _CURRENCY,
        "author": "author submittedby auteur",
    },
    "quota": {
        "_key": "id quotaid",
        "rep_id": "rep salesagent salesrep salesperson owner quotaownerid user commercial name repname employee",
        "team_id": "team teamname equipe",
        "starts": "starts startdate start periodstart from debut datededebut",
        "ends": "ends enddate end periodend to fin datedefin",
        "_period": "period quarter month periode trimestre mois fiscalperiod periodid",
        "amount": "quota quotaamount target amount objectif montant goal",
        "currency": _CURRENCY,
        "level": "level niveau",
        "effective_from": "effectivefrom effectivedate enforcefrom dateeffet",
    },
    "absence": {
        "rep_id": "rep salesrep commercial employee name nom",
        "first_day": "firstday startdate from debut du",
        "last_day": "lastday enddate to fin au",
        "fte": "fte etp",
    },
    "activity": {
        "_key": "id activityid taskid eventid recordid",
        "subject": "subject title activitytitle objet sujet name",
        "type": "type activitytype tasksubtype",
        "owner_id": _OWNER,
        "account_id": _ACCOUNT + " whatid",
        "contact_id": "whoid contactid contact contactperson",
        "opportunity_id": "opportunityid dealid deal opportunity dealtitle",
        "lead_id": "leadid lead",
        "starts_at": "activitydate startdatetime duedate date starttime startsat activitydatetime datedechance",
        "minutes": "minutes duration durationinminutes callduration duree",
        "direction": "direction calltype sens",
        "outcome": "outcome callresult calldisposition resultat",
        "is_done": "done isclosed isdone completed termine",
        "notes": "description notes note commentaires",
    },
    "campaign": {
        "_key": "id campaignid",
        "name": "name campaignname campaign campagne nom",
        "type": "type campaigntype",
        "status": "status statut",
        "start_date": "startdate debut",
        "end_date": "enddate fin",
        "budget": "budgetedcost budget actualcost",
        "currency": _CURRENCY,
        "owner_id": _OWNER,
    },
    "campaign_member": {
        "_key": "id campaignmemberid",
        "campaign_id": "campaignid campaign",
        "contact_id": "contactid contact",
        "lead_id": "leadid lead",
        "status": "status statut",
    },
    "case": {
        "_key": "id caseid casenumber ticketid recordid",
        "subject": "subject casesubject ticketname objet",
        "account_id": _ACCOUNT,
        "contact_id": "contactid contact",
        "owner_id": _OWNER,
        "status": "status ticketstatus statut",
        "priority": "priority priorite",
        "category": "category type reason categorie",
        "opened_at": "createddate openedat createdate dateopened",
        "closed_at": "closeddate closedat closedate",
    },
    "opportunity_line": {
        "_key": "id opportunitylineitemid lineitemid",
        "opportunity_id": "opportunityid opportunity dealid deal",
        "product_id": "product2id productid product productname pricebookentryid produit",
        "quantity": "quantity qty quantite",
        "unit_price": "unitprice salesprice price prixunitaire",
        "amount": "totalprice amount total montant",
        "currency": _CURRENCY,
    },
    "rate": {
        "currency": "currency currencyisocode isocode devise",
        "starts": "starts startdate from date",
        "value": "value rate conversionrate taux",
        "rate_set": "rateset set type",
    },
}

EMPTY_WORDS = frozenset(
    [
        "nom",
        "name",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "l",
        "d",
        "un",
        "une",
        "the",
        "of",
        "a",
        "an",
        "no",
        "n",
        "numero",
        "libelle",
        "intitule",
    ]
)
"""Words of a header that say nothing of what it holds."""

ANCHORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "opportunity": (
        ("stage_id", "amount"), ("stage_id", "close_date"), ("stage_id", "created_date"),
        ("stage_id", "_key", "owner_id"), ("_status", "amount", "close_date"),
        ("name", "amount", "close_date"), ("_key", "amount", "close_date"),
        ("stage_id", "name"), ("_key", "stage_id"), ("_key", "name", "close_date"),
        ("_key", "name", "amount", "created_date"), ("_key", "name", "amount", "account_id"),
    ),
    "account": (
        ("name", "industry"), ("name", "headcount"), ("name", "website"), ("name", "annual_revenue"),
        ("name", "city"), ("name", "country"), ("name", "siren"), ("name", "siret"),
        ("name", "street"), ("name", "vat_number"), ("name", "_key"), ("name", "parent_id"),
    ),
    "contact": (
        ("last_name", "account_id"), ("name", "email", "account_id"), ("first_name", "last_name"),
        ("email", "job_title"), ("name", "email", "job_title"),
    ),
    "lead": (("name", "status"), ("company", "status"), ("source", "status"), ("_key", "source"),
             ("company", "source"), ("company", "created_date")),
    "product": (("name", "list_price"), ("name", "code"), ("name", "family")),
    "rep": (("name", "_manager"), ("name", "_team"), ("name", "hire_date"), ("name", "email")),
    "submission": (("amount", "made_on", "period_start"),),
    "quota": (("amount", "starts"), ("amount", "_period")),
    "absence": (("rep_id", "first_day", "last_day"),),
    "activity": (("subject", "starts_at"), ("type", "starts_at"), ("starts_at", "opportunity_id")),
    "campaign": (("name", "budget"), ("name", "start_date", "status")),
    "campaign_member": (("campaign_id", "contact_id"), ("campaign_id", "lead_id")),
    "case": (("subject", "priority"), ("subject", "status", "opened_at")),
    "opportunity_line": (("opportunity_id", "quantity"), ("opportunity_id", "product_id", "amount")),
    "rate": (("currency", "value", "starts"),),
}  # fmt: skip
"""Sets of fields of which one must be found for a file to be taken for a kind."""

FILE_HINTS: dict[str, str] = {
    "opportunity": "opportunit deal pipeline affaire",
    "account": "account compan organi compte societe client",
    "contact": "contact person people",
    "lead": "lead prospect piste",
    "product": "product produit catalog",
    "rep": "user team rep sales_team owner agent commercial vendeur equipe",
    "submission": "submission forecast prevision",
    "quota": "quota target objectif",
    "absence": "absence leave conge",
    "activity": "activit task event call meeting",
    "campaign": "campaign campagne",
    "campaign_member": "campaignmember campaign_member",
    "case": "case ticket support",
    "opportunity_line": "lineitem line_item line",
    "rate": "rate taux",
}

MAVEN_ACCOUNTS = frozenset({"account", "sector", "year_established", "revenue", "employees"})
"""Headers of the Maven set's accounts, whose revenue is in millions of USD (its data dictionary)."""

EVENT_COLUMNS = {
    "case": "caseconceptname caseid case opportunityid dealid",
    "activity": "conceptname activity stage stagename tostage newstage event",
    "at": "timetimestamp timestamp time datetime createddate enteredat changedat eventtime",
    "owner": "orgresource resource owner ownerid user actor",
    "amount": "caseamountreq amount value montant",
}
HISTORY_COLUMNS = {
    "record": "opportunityid recordid parentid accountid leadid id",
    "field": "field fieldname property champ",
    "old": "oldvalue old previousvalue anciennevaleur",
    "new": "newvalue new value nouvellevaleur",
    "at": "createddate editdate changedat timestamp date",
}
DICTIONARY_HEADERS = frozenset({"field", "description"})

STAGE_ORDER = (
    "submitted", "new", "nouveau", "lead", "partlysubmitted", "prospect", "preaccepted",
    "qualif", "engag", "contact", "appointment", "rendez", "accepted", "discovery", "decouverte",
    "need", "besoin", "analysis", "analyse", "presentation", "demo", "value prop", "perception",
    "decision maker", "finalized", "selected", "created", "propos", "quote", "devis", "sent",
    "review", "negoti", "nego", "registered", "approved", "verbal", "contract", "commit",
)  # fmt: skip
"""Words of open stages in the order that sales processes usually pass through them."""

WON_WORDS = ("won", "gagne", "signed", "signe", "activated", "closedwon")
LOST_WORDS = (
    "lost",
    "perdu",
    "declined",
    "cancelled",
    "canceled",
    "abandon",
    "closedlost",
    "rejected",
    "disqualif",
)
