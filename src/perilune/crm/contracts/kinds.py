"""The kinds of record of the CRM, in the field's words. Labels are English msgids."""

from __future__ import annotations

from perilune.kernel.kinds import Field, FieldType, Kind

_T, _L, _C = FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE
_I, _F, _M, _U = FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.UNIT_PRICE
_D, _AT, _B, _R = FieldType.DATE, FieldType.INSTANT, FieldType.BOOLEAN, FieldType.REFERENCE

MEANINGS = (("open", "Open"), ("won", "Won"), ("lost", "Lost"))

FORECAST_CATEGORIES = (
    ("pipeline", "Pipeline"),
    ("best_case", "Best case"),
    ("most_likely", "Most likely"),
    ("commit", "Commit"),
    ("closed", "Closed"),
    ("omitted", "Omitted"),
)

DEAL_TYPES = (
    ("new", "New business"),
    ("expansion", "Expansion"),
    ("renewal", "Renewal"),
    ("other", "Other"),
)

NO_DEAL_REASONS = (
    "no real deal", "duplicate", "test", "spam", "created in error", "pas une vraie affaire",
    "doublon",
    "créée par erreur",
)  # fmt: skip
"""Loss reasons, in lower case, that say there was no real deal (rule 13)."""

ACTIVITY_TYPES = (("call", "Call"), ("email", "E-mail"), ("meeting", "Meeting"), ("task", "Task"))

PIPELINE = Kind(
    name="pipeline",
    model="crm.Pipeline",
    label="Pipeline",
    label_plural="Pipelines",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("position", _I, "Position", is_listed=True),
    ),
)

STAGE = Kind(
    name="stage",
    model="crm.Stage",
    label="Stage",
    label_plural="Stages",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("pipeline_id", _R, "Pipeline", target="pipeline", is_required=True, is_listed=True),
        Field("position", _I, "Position", is_listed=True),
        Field("meaning", _C, "Meaning", choices=MEANINGS, is_required=True, is_listed=True),
        Field("category", _C, "Forecast category", choices=FORECAST_CATEGORIES, is_listed=True),
        Field("probability", _F, "Probability", is_listed=True),
        Field("is_qualified", _B, "Qualified from here", is_listed=True),
    ),
)

PRODUCT = Kind(
    name="product",
    model="crm.Product",
    label="Product",
    label_plural="Products",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("code", _T, "Code", is_listed=True),
        Field("family", _T, "Family", is_listed=True),
        Field("list_price", _U, "List price", is_listed=True),
        Field("currency", _T, "Currency", is_listed=True),
        Field("is_active", _B, "Active", is_listed=True),
    ),
)

PRICE_BOOK = Kind(
    name="price_book",
    model="crm.PriceBook",
    label="Price book",
    label_plural="Price books",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("currency", _T, "Currency", is_listed=True),
        Field("is_standard", _B, "Standard", is_listed=True),
        Field("effective_from", _D, "In force from", is_listed=True),
        Field("effective_to", _D, "In force to", is_listed=True),
    ),
)

PRICE_BOOK_ENTRY = Kind(
    name="price_book_entry",
    model="crm.PriceBookEntry",
    label="Price",
    label_plural="Prices",
    title_field="",
    fields=(
        Field(
            "price_book_id", _R, "Price book", target="price_book", is_required=True, is_listed=True
        ),
        Field("product_id", _R, "Product", target="product", is_required=True, is_listed=True),
        Field("unit_price", _U, "Unit price", is_listed=True),
    ),
)

CAMPAIGN = Kind(
    name="campaign",
    model="crm.Campaign",
    label="Campaign",
    label_plural="Campaigns",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("type", _T, "Type", is_listed=True),
        Field("status", _T, "Status", is_listed=True),
        Field("start_date", _D, "Start", is_listed=True),
        Field("end_date", _D, "End", is_listed=True),
        Field("budget", _M, "Budget", is_listed=True),
        Field("currency", _T, "Currency"),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
    ),
)

ACCOUNT = Kind(
    name="account",
    model="crm.Account",
    label="Account",
    label_plural="Accounts",
    owner_field="owner_id",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("parent_id", _R, "Parent account", target="account"),
        Field("industry", _T, "Industry", is_listed=True),
        Field("segment", _T, "Segment", is_listed=True),
        Field("headcount", _I, "Headcount", is_listed=True),
        Field("headcount_band", _T, "Headcount band"),
        Field("annual_revenue", _M, "Annual revenue", is_listed=True),
        Field("currency", _T, "Currency"),
        Field("founded_year", _I, "Founded in"),
        Field("country", _T, "Country", is_listed=True),
        Field("region", _T, "Region"),
        Field("city", _T, "City", is_listed=True),
        Field("postcode", _T, "Postcode"),
        Field("street", _T, "Street"),
        Field("latitude", _F, "Latitude", bounds=(-90, 90)),
        Field("longitude", _F, "Longitude", bounds=(-180, 180)),
        Field("website", _T, "Website"),
        Field("phone", _T, "Phone"),
        Field("siren", _T, "SIREN"),
        Field("siret", _T, "SIRET"),
        Field("vat_number", _T, "VAT number"),
        Field("naf", _T, "NAF code"),
        Field("nace", _T, "NACE code"),
    ),
)

CONTACT = Kind(
    name="contact",
    model="crm.Contact",
    label="Contact",
    label_plural="Contacts",
    owner_field="owner_id",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True, is_personal=True),
        Field("first_name", _T, "First name", is_personal=True),
        Field("last_name", _T, "Last name", is_personal=True),
        Field("job_title", _T, "Job title", is_listed=True, is_personal=True),
        Field("account_id", _R, "Account", target="account", is_listed=True),
        Field("email", _T, "E-mail", is_listed=True, is_personal=True),
        Field("phone", _T, "Phone", is_listed=True, is_personal=True),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("language", _T, "Language"),
        Field("country", _T, "Country"),
    ),
)

LEAD = Kind(
    name="lead",
    model="crm.Lead",
    label="Lead",
    label_plural="Leads",
    owner_field="owner_id",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True, is_personal=True),
        Field("company", _T, "Company", is_listed=True),
        Field("job_title", _T, "Job title", is_personal=True),
        Field("email", _T, "E-mail", is_listed=True, is_personal=True),
        Field("phone", _T, "Phone", is_personal=True),
        Field("status", _T, "Status", is_listed=True),
        Field("source", _T, "Source", is_listed=True),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("country", _T, "Country", is_listed=True),
        Field("created_date", _D, "Created on", is_listed=True),
        Field("converted_date", _D, "Converted on", is_listed=True),
        Field("account_id", _R, "Account", target="account"),
        Field("contact_id", _R, "Contact", target="contact"),
        Field("opportunity_id", _R, "Deal", target="opportunity"),
    ),
    known_by=(
        ("created_date", ("created_date", "owner_id", "name", "company", "source", "country")),
        ("converted_date", ("converted_date", "account_id", "contact_id", "opportunity_id")),
    ),
)

OPPORTUNITY = Kind(
    name="opportunity",
    model="crm.Opportunity",
    label="Deal",
    label_plural="Deals",
    owner_field="owner_id",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("account_id", _R, "Account", target="account", is_listed=True),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("pipeline_id", _R, "Pipeline", target="pipeline"),
        Field("stage_id", _R, "Stage", target="stage", is_listed=True),
        Field("type", _C, "Type", choices=DEAL_TYPES),
        Field("amount", _M, "Amount", is_listed=True),
        Field("amount_annual", _M, "Annual amount"),
        Field("amount_recurring", _M, "Recurring amount"),
        Field("amount_one_time", _M, "One-time amount"),
        Field("currency", _T, "Currency"),
        Field("close_date", _D, "Close date", is_listed=True),
        Field("created_date", _D, "Created on", is_listed=True),
        Field("first_contact_date", _D, "First contact"),
        Field("forecast_category", _C, "Forecast category", choices=FORECAST_CATEGORIES),
        Field("product_id", _R, "Product", target="product", is_listed=True),
        Field("contact_id", _R, "Main contact", target="contact"),
        Field("campaign_id", _R, "Campaign", target="campaign"),
        Field("source", _T, "Source"),
        Field("competitor", _T, "Competitor"),
        Field("next_step", _T, "Next step", is_listed=True),
        Field("loss_reason", _T, "Loss reason"),
        Field("parent_id", _R, "Parent deal", target="opportunity"),
        Field("is_excluded", _B, "Left out of all figures"),
    ),
    # A creation date proves who had what; everything else is known at the close or at the export.
    known_by=(("created_date", ("created_date", "name", "owner_id", "pipeline_id", "product_id")),),
)

OPPORTUNITY_LINE = Kind(
    name="opportunity_line",
    model="crm.OpportunityLine",
    label="Line",
    label_plural="Lines",
    title_field="",
    fields=(
        Field("opportunity_id", _R, "Deal", target="opportunity", is_required=True),
        Field("product_id", _R, "Product", target="product", is_listed=True),
        Field("quantity", _F, "Quantity", is_listed=True),
        Field("unit_price", _U, "Unit price", is_listed=True),
        Field("amount", _M, "Amount", is_listed=True),
        Field("currency", _T, "Currency"),
    ),
)

OPPORTUNITY_SPLIT = Kind(
    name="opportunity_split",
    model="crm.OpportunitySplit",
    label="Split",
    label_plural="Splits",
    title_field="",
    fields=(
        Field("opportunity_id", _R, "Deal", target="opportunity", is_required=True),
        Field("rep_id", _R, "Rep", target="rep", is_required=True, is_listed=True),
        Field("share", _I, "Share", is_required=True, is_listed=True),
        Field("is_overlay", _B, "Overlay", is_listed=True),
    ),
)

OPPORTUNITY_CONTACT = Kind(
    name="opportunity_contact",
    model="crm.OpportunityContact",
    label="Contact role",
    label_plural="Contact roles",
    title_field="",
    once_by=("opportunity_id", "contact_id"),
    fields=(
        Field("opportunity_id", _R, "Deal", target="opportunity", is_required=True),
        Field("contact_id", _R, "Contact", target="contact", is_required=True, is_listed=True),
        Field("role", _T, "Role", is_listed=True),
        Field("is_primary", _B, "Primary", is_listed=True),
    ),
)

ACTIVITY = Kind(
    name="activity",
    model="crm.Activity",
    label="Activity",
    label_plural="Activities",
    title_field="subject",
    owner_field="owner_id",
    fields=(
        Field("subject", _T, "Subject", is_listed=True),
        Field("type", _C, "Type", choices=ACTIVITY_TYPES, is_required=True, is_listed=True),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("account_id", _R, "Account", target="account", is_listed=True),
        Field("contact_id", _R, "Contact", target="contact"),
        Field("opportunity_id", _R, "Deal", target="opportunity", is_listed=True),
        Field("lead_id", _R, "Lead", target="lead"),
        Field("starts_at", _AT, "Start", is_listed=True),
        Field("minutes", _F, "Minutes", is_listed=True),
        Field("direction", _C, "Direction", choices=(("in", "Inbound"), ("out", "Outbound"))),
        Field("outcome", _T, "Outcome", is_listed=True),
        Field("is_done", _B, "Done", is_listed=True),
        Field("is_selling", _B, "Selling time"),
        Field("notes", _L, "Notes"),
    ),
    known_by=(("starts_at", ()),),
)

CAMPAIGN_MEMBER = Kind(
    name="campaign_member",
    model="crm.CampaignMember",
    label="Campaign member",
    label_plural="Campaign members",
    title_field="",
    once_by=("campaign_id", "contact_id", "lead_id"),
    fields=(
        Field("campaign_id", _R, "Campaign", target="campaign", is_required=True, is_listed=True),
        Field("contact_id", _R, "Contact", target="contact", is_listed=True),
        Field("lead_id", _R, "Lead", target="lead", is_listed=True),
        Field("status", _T, "Status", is_listed=True),
    ),
)

CASE = Kind(
    name="case",
    model="crm.Case",
    label="Case",
    label_plural="Cases",
    title_field="subject",
    owner_field="owner_id",
    fields=(
        Field("subject", _T, "Subject", is_required=True, is_listed=True),
        Field("account_id", _R, "Account", target="account", is_listed=True),
        Field("contact_id", _R, "Contact", target="contact"),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("status", _T, "Status", is_listed=True),
        Field("priority", _T, "Priority", is_listed=True),
        Field("category", _T, "Category"),
        Field("opened_at", _AT, "Opened", is_listed=True),
        Field("closed_at", _AT, "Closed", is_listed=True),
    ),
)

QUOTE = Kind(
    name="quote",
    model="crm.Quote",
    label="Quote",
    label_plural="Quotes",
    fields=(
        Field("name", _T, "Name", is_required=True, is_listed=True),
        Field("number", _T, "Quote number", is_listed=True),
        Field("opportunity_id", _R, "Deal", target="opportunity", is_listed=True),
        Field("account_id", _R, "Account", target="account"),
        Field("status", _T, "Status", is_listed=True),
        Field("is_primary", _B, "Primary", is_listed=True),
        Field("subtotal", _M, "Subtotal"),
        Field("discount", _F, "Discount (%)"),
        Field("total", _M, "Total", is_listed=True),
        Field("currency", _T, "Currency"),
        Field("expiry_date", _D, "Expiry date", is_listed=True),
    ),
)
"""`is_primary`: the one whose lines and total the deal follows (Salesforce calls it synced)."""

QUOTE_LINE = Kind(
    name="quote_line",
    model="crm.QuoteLine",
    label="Quote line",
    label_plural="Quote lines",
    title_field="",
    fields=(
        Field("quote_id", _R, "Quote", target="quote", is_required=True, is_listed=True),
        Field("product_id", _R, "Product", target="product", is_listed=True),
        Field("quantity", _F, "Quantity", is_listed=True),
        Field("unit_price", _U, "Unit price", is_listed=True),
        Field("discount", _F, "Discount (%)", is_listed=True),
        Field("total", _M, "Total", is_listed=True),
        Field("currency", _T, "Currency"),
    ),
)

CONTRACT = Kind(
    name="contract",
    model="crm.Contract",
    label="Contract",
    label_plural="Contracts",
    title_field="number",
    owner_field="owner_id",
    fields=(
        Field("number", _T, "Contract number", is_required=True, is_listed=True),
        Field("account_id", _R, "Account", target="account", is_listed=True),
        Field("owner_id", _R, "Owner", target="rep", is_listed=True),
        Field("status", _T, "Status", is_listed=True),
        Field("start_date", _D, "Start", is_listed=True),
        Field("term_months", _I, "Term in months", is_listed=True),
        Field("end_date", _D, "End", is_listed=True),
        Field("value", _M, "Contract value", is_listed=True),
        Field("currency", _T, "Currency"),
    ),
)

KINDS = (
    PIPELINE,
    STAGE,
    PRODUCT,
    PRICE_BOOK,
    PRICE_BOOK_ENTRY,
    CAMPAIGN,
    ACCOUNT,
    CONTACT,
    LEAD,
    OPPORTUNITY,
    OPPORTUNITY_LINE,
    OPPORTUNITY_SPLIT,
    OPPORTUNITY_CONTACT,
    ACTIVITY,
    CAMPAIGN_MEMBER,
    CASE,
    QUOTE,
    QUOTE_LINE,
    CONTRACT,
)

PARENTS = {
    "opportunity_line": ("opportunity", "opportunity_id"),
    "opportunity_split": ("opportunity", "opportunity_id"),
    "opportunity_contact": ("opportunity", "opportunity_id"),
    "quote": ("opportunity", "opportunity_id"),
    "quote_line": ("quote", "quote_id"),
}
"""Kinds without an owner of their own, seen by those who see the record they belong to."""
