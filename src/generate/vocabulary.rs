//! Words to choose from. First and last names and the like are the `fake` crate's tables; what must fit together is here.

use fake::locales::{Data, EN};

pub(super) const FIRST_NAMES: &[&str] = EN::NAME_FIRST_NAME;
pub(super) const LAST_NAMES: &[&str] = EN::NAME_LAST_NAME;
pub(super) const JOB_FIELDS: &[&str] = EN::JOB_FIELD;
pub(super) const JOB_POSITIONS: &[&str] = EN::JOB_POSITION;
pub(super) const INDUSTRIES: &[&str] = EN::COMPANY_INDUSTRY;

pub(super) const ORGANIZATIONS: &[&str] = &[
    "Northwind",
    "Bluebird",
    "Harborview",
    "Cedarstone",
    "Brightwater",
    "Summit",
    "Ironwood",
    "Lakeside",
    "Redwood",
    "Silverline",
    "Oakfield",
    "Stonebridge",
    "Clearwater",
    "Evergreen",
    "Falcon",
    "Horizon",
    "Juniper",
    "Kestrel",
    "Lighthouse",
    "Meridian",
    "Nightingale",
    "Orchard",
    "Pinecrest",
    "Quarry",
    "Riverbend",
    "Sandpiper",
    "Thornbury",
    "Valley",
    "Westgate",
    "Yarrow",
    "Copperfield",
    "Maplewood",
];
pub(super) const ORGANIZATION_ENDS: &[&str] = &[
    "Labs",
    "Systems",
    "Works",
    "Group",
    "Studio",
    "Partners",
    "Analytics",
    "Software",
    "Robotics",
    "Logistics",
    "Energy",
    "Health",
];
pub(super) const ADJECTIVES: &[&str] = &[
    "amber", "bold", "bright", "calm", "clear", "crisp", "daily", "eager", "early", "gentle", "golden", "grand",
    "green", "hidden", "keen", "light", "lively", "lucky", "misty", "noble", "open", "polar", "prime", "quick",
    "quiet", "rapid", "silver", "smooth", "solar", "steady", "sunny", "swift", "tidy", "urban", "vivid", "warm",
];
pub(super) const NOUNS: &[&str] = &[
    "anchor", "atlas", "beacon", "bridge", "canyon", "comet", "compass", "delta", "echo", "ember", "falcon", "field",
    "forge", "garden", "harbor", "island", "lantern", "maple", "meadow", "mosaic", "nova", "orbit", "pebble", "pilot",
    "prairie", "quartz", "ridge", "river", "signal", "sparrow", "summit", "tide", "trail", "valley", "willow",
    "zephyr",
];
pub(super) const TITLES: &[&str] = &[
    "Getting started with the new dashboard",
    "Weekly planning notes",
    "Release checklist for version two",
    "Customer interviews, second round",
    "Moving the archive to the new storage",
    "Notes from the design review",
    "Onboarding guide for new colleagues",
    "Results of the spring survey",
    "Plan for the summer campaign",
    "Answers to frequent questions",
    "Report on last month's traffic",
    "Ideas for the next quarter",
    "Preparing for the audit",
    "Improving search results",
    "A short history of the project",
    "How we handle incidents",
];
pub(super) const SENTENCES: &[&str] = &[
    "Everything that is needed for the spring release.",
    "Kept up to date by the operations team.",
    "Prepared together with the customer.",
    "Replaces the version from last year.",
    "Shared with everybody in the team.",
    "Please review before the end of the week.",
    "The first draft; comments are welcome.",
    "Collects the feedback from three workshops.",
    "Used by the sales team in two regions.",
    "Will be archived once the migration is done.",
    "Covers the most frequent cases.",
    "Imported from the previous system.",
    "Contains the figures of the last quarter.",
    "Approved after the second review.",
    "A small step towards a simpler setup.",
    "Works on desktop and mobile devices.",
];
pub(super) const MESSAGES: &[&str] = &[
    "The request was processed",
    "Everything is up to date",
    "The change was saved",
    "The task was added to the queue",
    "No further action is needed",
    "The operation has finished",
    "Please try again in a few minutes",
    "The settings were applied",
];
pub(super) const ERROR_MESSAGES: &[&str] = &[
    "The value is not valid",
    "The resource was not found",
    "A required field is missing",
    "The request conflicts with an earlier one",
    "The resource is in use",
    "The limit was exceeded",
];
pub(super) const ERROR_CODES: &[&str] =
    &["invalid_request", "not_found", "missing_field", "conflict", "resource_in_use", "limit_exceeded"];
pub(super) const GENRES: &[&str] =
    &["ambient", "classical", "electronic", "folk", "hip hop", "indie rock", "jazz", "pop", "soul"];
pub(super) const SYSTEMS: &[&str] = &["android", "ios", "linux", "macos", "windows"];
pub(super) const PRONOUNS: &[&str] = &["she/her", "he/him", "they/them"];
pub(super) const FREQUENCIES: &[&str] = &["weekly", "monthly", "quarterly", "yearly"];
pub(super) const REASONS: &[&str] = &[
    "requested by the owner",
    "no longer needed",
    "duplicate entry",
    "limit reached",
    "policy changed",
    "scheduled maintenance",
];
pub(super) const STREETS: &[&str] = &[
    "Maple Street",
    "Oak Avenue",
    "Station Road",
    "Church Street",
    "Park Lane",
    "Mill Road",
    "Harbor Drive",
    "River Street",
    "Cedar Court",
    "Bridge Street",
    "Garden Way",
    "High Street",
    "King Street",
    "Lake View Drive",
    "Market Square",
    "Orchard Road",
];
pub(super) const DEPARTMENTS: &[&str] =
    &["Engineering", "Design", "Marketing", "Sales", "Finance", "Operations", "Support", "Research"];
pub(super) const CATEGORIES: &[&str] =
    &["general", "finance", "travel", "education", "health", "technology", "music", "outdoors"];
pub(super) const TAGS: &[&str] =
    &["beta", "customer", "design", "internal", "mobile", "onboarding", "pilot", "research", "security", "support"];
pub(super) const STATUSES: &[&str] = &["active", "pending", "completed"];
pub(super) const STATES: &[&str] = &["open", "closed", "active"];
pub(super) const KINDS: &[&str] = &["standard", "basic", "custom", "default"];
pub(super) const ROLES: &[&str] = &["member", "admin", "viewer", "editor"];
pub(super) const LEVELS: &[&str] = &["low", "medium", "high"];
pub(super) const COLORS: &[&str] =
    &["#1f6feb", "#2da44e", "#bf8700", "#cf222e", "#8250df", "#0a7ea4", "#57606a", "#e16f24"];
pub(super) const ICONS: &[&str] =
    &["star", "bell", "book", "calendar", "camera", "cloud", "flag", "heart", "home", "tag"];
pub(super) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
pub(super) const GENDERS: &[&str] = &["female", "male", "nonbinary"];
pub(super) const UNITS: &[&str] = &["kg", "m", "pcs", "l"];
pub(super) const BRANCHES: &[&str] = &["main", "develop", "release"];
pub(super) const ENVIRONMENTS: &[&str] = &["production", "staging", "development"];
pub(super) const SYMBOLS: &[&str] = &["NWND", "BLBD", "HRBV", "CDST", "BRWT"];
pub(super) const MEDIA_TYPES: &[&str] = &["application/pdf", "image/png", "text/csv", "application/json", "image/jpeg"];
pub(super) const EXTENSIONS: &[&str] = &["pdf", "png", "csv", "txt", "jpg"];
pub(super) const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
];
/// Top-level domains that belong to nobody (RFC 2606).
pub(super) const DOMAINS: &[&str] = &["example.com", "example.org", "example.net"];

/// A place on Earth; what is said about it is true.
pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) region: &'static str,
    /// The region's code (ISO 3166-2, without the country).
    pub(super) region_code: &'static str,
    /// `#` stands for a digit.
    pub(super) zip: &'static str,
    pub(super) country: &'static str,
    pub(super) country_code: &'static str,
    pub(super) country_code3: &'static str,
    pub(super) currency: &'static str,
    pub(super) currency_name: &'static str,
    pub(super) symbol: &'static str,
    pub(super) locale: &'static str,
    pub(super) timezone: &'static str,
    /// `#` stands for a digit.
    pub(super) phone: &'static str,
    /// In ten-thousandths of a degree.
    pub(super) latitude: i32,
    pub(super) longitude: i32,
}

macro_rules! places {
    ($($city:literal $region:literal $region_code:literal $zip:literal $country:literal $code:literal $code3:literal
       $currency:literal $name:literal $symbol:literal $locale:literal $timezone:literal $phone:literal
       $latitude:literal $longitude:literal)*) => {
        pub(super) const PLACES: &[Place] = &[$(Place {
            city: $city, region: $region, region_code: $region_code, zip: $zip, country: $country, country_code: $code,
            country_code3: $code3, currency: $currency, currency_name: $name, symbol: $symbol, locale: $locale,
            timezone: $timezone, phone: $phone, latitude: $latitude, longitude: $longitude,
        }),*];
    };
}

// Telephone numbers in the US and the UK are of the ranges reserved for fiction.
places! {
    "Portland" "Oregon" "OR" "972##" "United States" "US" "USA" "USD" "US Dollar" "$" "en-US" "America/Los_Angeles" "+150355501##" 455152 -1226784
    "Denver" "Colorado" "CO" "802##" "United States" "US" "USA" "USD" "US Dollar" "$" "en-US" "America/Denver" "+130355501##" 397392 -1049903
    "Boston" "Massachusetts" "MA" "021##" "United States" "US" "USA" "USD" "US Dollar" "$" "en-US" "America/New_York" "+161755501##" 423601 -710589
    "Toronto" "Ontario" "ON" "M5V 2T6" "Canada" "CA" "CAN" "CAD" "Canadian Dollar" "$" "en-CA" "America/Toronto" "+141655501##" 436532 -793832
    "London" "England" "ENG" "SW1A 1AA" "United Kingdom" "GB" "GBR" "GBP" "Pound Sterling" "£" "en-GB" "Europe/London" "+4420794609##" 515072 -1276
    "Berlin" "Berlin" "BE" "101##" "Germany" "DE" "DEU" "EUR" "Euro" "€" "de-DE" "Europe/Berlin" "+493023125###" 525200 134050
    "Lyon" "Auvergne-Rhône-Alpes" "ARA" "6900#" "France" "FR" "FRA" "EUR" "Euro" "€" "fr-FR" "Europe/Paris" "+33261912###" 457640 48357
    "Madrid" "Madrid" "MD" "280##" "Spain" "ES" "ESP" "EUR" "Euro" "€" "es-ES" "Europe/Madrid" "+34910###4##" 404168 -37038
    "Amsterdam" "North Holland" "NH" "10## AB" "Netherlands" "NL" "NLD" "EUR" "Euro" "€" "nl-NL" "Europe/Amsterdam" "+31208##4##6" 523676 49041
    "Tokyo" "Tokyo" "13" "100-00##" "Japan" "JP" "JPN" "JPY" "Yen" "¥" "ja-JP" "Asia/Tokyo" "+8135550####" 356762 1396503
    "Sydney" "New South Wales" "NSW" "200#" "Australia" "AU" "AUS" "AUD" "Australian Dollar" "$" "en-AU" "Australia/Sydney" "+6125550####" -338688 1512093
    "São Paulo" "São Paulo" "SP" "01310-1##" "Brazil" "BR" "BRA" "BRL" "Brazilian Real" "R$" "pt-BR" "America/Sao_Paulo" "+55115550####" -235505 -466333
}

/// Keys of maps whose values are texts, and a value for each.
pub(super) const LABELS: &[(&str, &str)] =
    &[("environment", "production"), ("team", "platform"), ("region", "eu-west-1")];
/// Keys of maps whose values are something else.
pub(super) const KEYS: &[&str] = &["primary", "secondary", "fallback"];
