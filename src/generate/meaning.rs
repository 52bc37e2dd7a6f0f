//! What a member is about, told from its name: the table of known names.

use super::time::{Occasion, Precision};

/// What a value means to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    FirstName,
    LastName,
    /// The name of whatever the object is.
    Name,
    Username,
    Email,
    Organization,
    Slug,
    Title,
    Summary,
    Sentence,
    Paragraph,
    Html,
    Message,
    Url,
    Image,
    Website,
    Domain,
    Path,
    Phone,
    Street,
    SecondLine,
    City,
    Region,
    Zip,
    Country,
    CountryCode,
    Currency,
    CurrencyCode,
    Price,
    Count,
    Version,
    Color,
    Ip,
    Ipv6,
    Mac,
    Host,
    Port,
    Locale,
    Language,
    Timezone,
    Token,
    Hash,
    Id,
    UserAgent,
    MediaType,
    FileName,
    Extension,
    Status,
    State,
    Kind,
    Role,
    Tag,
    Level,
    Category,
    Code,
    Reason,
    Icon,
    Method,
    Job,
    Department,
    Industry,
    Gender,
    Iban,
    Card,
    Unit,
    Branch,
    Environment,
    Query,
    Key,
    Value,
    Symbol,
    Moment(Occasion),
    Day,
    Clock,
    Seconds,
    Millis,
    Minutes,
    Year,
    Month,
    DayOfMonth,
    Age,
    Percent,
    Ratio,
    Rating,
    Bytes,
    Pixels,
    Latitude,
    Longitude,
    Quantity,
    Position,
    Weight,
    StatusCode,
    Page(PageField),
    Next,
    Previous,
    Yes,
    No,
    Uuid,
    /// A moment, written so.
    Written(Occasion, Precision),
    /// A duration (ISO 8601).
    Span,
    Base64,
    Genre,
    HouseNumber,
    /// The last four digits of a number that is not shown.
    LastFour,
    Barcode,
    Isrc,
    SocialSecurity,
    TaxId,
    System,
    Pronouns,
    Frequency,
    /// What went wrong, in a word for programs.
    ErrorCode,
    Template,
    Pointer,
    Relative,
    Expression,
    Digits,
    /// Nothing is known.
    Word,
}

/// The members that tell which part of a longer list is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageField {
    /// The number of this page, from 1.
    Page,
    /// How many items a page has.
    Size,
    /// How many items came before.
    Offset,
    /// How many items there are on all pages.
    Total,
    /// How many pages there are.
    Pages,
    /// Whether there is a page after this one.
    HasNext,
    /// Whether there is one before.
    HasPrevious,
}

/// The meaning of a name's last words, and how many of them it took.
pub(super) fn meaning(words: &[String]) -> Option<(Meaning, usize)> {
    // `end_time` is a moment before it is a time of day.
    if let Some(occasion) = occasion(words) {
        return Some((Meaning::Moment(occasion), words.len()));
    }
    for count in (1..=words.len().min(3)).rev() {
        let last = words.get(words.len() - count..)?;
        let joined = match last {
            [one] => one.clone(),
            many => many.join(" "),
        };
        if let Some(meaning) = known(&joined) {
            return Some((meaning, count));
        }
    }
    // `image_512` is an image, and `display_name_normalized` a name.
    let (last, before) = words.split_last()?;
    let varies = last.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(last.as_str(), "normalized" | "canonical" | "localized" | "formatted" | "raw" | "original");
    let (meaning, count) = meaning(before).filter(|_| varies)?;
    Some((meaning, count + 1))
}

#[rustfmt::skip]
fn known(name: &str) -> Option<Meaning> {
    use Meaning as M;
    use PageField as P;
    Some(match name {
        "first name" | "given name" | "firstname" | "givenname" | "forename" | "fname" | "given" => M::FirstName,
        "last name" | "family name" | "lastname" | "surname" | "familyname" | "lname" => M::LastName,
        "name" | "display name" | "full name" | "fullname" | "displayname" | "legal name" | "real name" | "label"
        | "nickname" | "nick" => M::Name,
        "username" | "user name" | "login" | "screen name" | "handle" | "userid" | "preferred username" => M::Username,
        "email" | "e mail" | "mail" | "email address" | "emailaddress" => M::Email,
        "company" | "organization" | "organisation" | "employer" | "vendor" | "manufacturer" | "supplier" | "brand"
        | "publisher" => M::Organization,
        "slug" | "permalink" => M::Slug,
        "title" | "subject" | "headline" | "heading" => M::Title,
        "summary" | "short description" | "caption" | "excerpt" | "tagline" => M::Summary,
        "description" | "bio" | "about" | "note" | "notes" | "comment" | "comments" | "remarks" | "details" | "purpose" => M::Sentence,
        "content" | "body" | "text" | "long description" | "markdown" | "story" => M::Paragraph,
        "html" => M::Html,
        "message" | "msg" | "detail" | "error description" | "error message" => M::Message,
        "url" | "uri" | "href" | "link" | "links" | "endpoint" | "callback" | "webhook" => M::Url,
        "image" | "avatar" | "avatar url" | "image url" | "photo" | "photo url" | "picture" | "thumbnail" | "thumbnail url"
        | "logo" | "logo url" | "icon url" | "cover" | "banner" | "thumb" | "splash" | "favicon" | "poster" => M::Image,
        "website" | "homepage" | "web site" | "home page" | "blog" | "site" => M::Website,
        "domain" | "domain name" => M::Domain,
        "path" | "pathname" | "file path" | "directory" | "folder" => M::Path,
        "phone" | "phone number" | "telephone" | "mobile" | "fax" | "tel" | "phonenumber" | "mobile number" | "cell" | "telephone number" | "fax number" => M::Phone,
        "street" | "address" | "street address" | "line1" | "address1" | "address line1" | "address line 1" | "line 1"
        | "street name" | "street1" => M::Street,
        "line2" | "address2" | "line 2" | "street2" | "apartment" | "suite" => M::SecondLine,
        "city" | "town" | "locality" | "city name" | "location" | "place" | "venue" => M::City,
        "region" | "province" | "county" | "administrative area" => M::Region,
        "zip" | "zip code" | "postal code" | "postcode" | "zipcode" | "postalcode" | "post code" => M::Zip,
        "country" | "country name" | "nationality" => M::Country,
        "country code" | "countrycode" | "market" | "markets" | "nation code" => M::CountryCode,
        "currency" | "currency code" | "currencycode" => M::CurrencyCode,
        "currency name" => M::Currency,
        "price" | "amount" | "cost" | "fee" | "subtotal" | "balance" | "total price" | "total amount" | "tax" | "discount"
        | "salary" | "revenue" | "unit price" | "charge" | "budget" | "spend" => M::Price,
        "count" | "counts" | "num" | "quota" | "followers" | "following" | "likes" | "views" | "stars" | "forks" | "watchers" | "visits" => M::Count,
        "version" | "release" | "api version" | "semver" => M::Version,
        "color" | "colour" | "background color" => M::Color,
        "ip" | "ip address" | "ipv4" | "ipaddress" | "remote addr" => M::Ip,
        "ipv6" => M::Ipv6,
        "mac" | "mac address" => M::Mac,
        "host" | "hostname" | "host name" | "server" | "fqdn" => M::Host,
        "port" => M::Port,
        "locale" | "lang" | "culture" => M::Locale,
        "language" | "language code" => M::Language,
        "timezone" | "time zone" | "tz" | "tzid" => M::Timezone,
        "token" | "access token" | "refresh token" | "secret" | "api key" | "apikey" | "password" | "client secret"
        | "session" | "nonce" | "signature" | "credential" | "cursor" | "etag" | "jwt" => M::Token,
        "hash" | "sha" | "sha1" | "sha256" | "md5" | "checksum" | "digest" | "commit" | "fingerprint" | "commit sha" => M::Hash,
        "id" | "ids" | "uuid" | "guid" | "identifier" | "uid" | "_id" | "oid" => M::Id,
        "user agent" | "useragent" => M::UserAgent,
        "content type" | "mime type" | "media type" | "mimetype" | "contenttype" | "mime" => M::MediaType,
        "file" | "filename" | "file name" | "attachment" => M::FileName,
        "extension" | "file type" | "filetype" | "file extension" => M::Extension,
        "status" => M::Status,
        "state" => M::State,
        "type" | "kind" | "subtype" => M::Kind,
        "role" | "roles" | "permission" | "permissions" | "scope" | "scopes" | "access" => M::Role,
        "tag" | "tags" | "topic" | "topics" | "keyword" | "keywords" | "labels" => M::Tag,
        "level" | "severity" | "priority" | "tier" | "plan" => M::Level,
        "category" | "group" | "section" | "class" => M::Category,
        "code" | "sku" | "reference" | "ref" | "number" | "serial number" | "order number" | "invoice number" | "external id" => M::Code,
        "reason" | "cause" => M::Reason,
        "error" | "error code" | "errorcode" | "error type" | "err" => M::ErrorCode,
        "genre" | "genres" | "music genre" => M::Genre,
        "house number" | "house number or name" | "building number" | "street number" => M::HouseNumber,
        "last four" | "last4" | "last 4" | "lastfour" | "mcc" => M::LastFour,
        "ean" | "gtin" | "barcode" | "upc" | "isbn" | "ean13" => M::Barcode,
        "isrc" => M::Isrc,
        "ssn" | "social security number" => M::SocialSecurity,
        "tax id" | "vat id" | "vat number" | "vat" | "tax number" => M::TaxId,
        "os" | "operating system" | "platform" | "os name" => M::System,
        "pronouns" => M::Pronouns,
        "frequency" | "recurrence" | "billing period" | "billing cycle" => M::Frequency,
        "icon" | "emoji" => M::Icon,
        "method" | "http method" | "verb" => M::Method,
        "job" | "job title" | "position title" | "occupation" | "profession" => M::Job,
        "department" | "team" | "division" => M::Department,
        "industry" | "sector" => M::Industry,
        "gender" | "sex" => M::Gender,
        "iban" => M::Iban,
        "card number" | "credit card" | "creditcard" | "credit card number" | "pan" => M::Card,
        "unit" | "units" | "uom" => M::Unit,
        "branch" | "default branch" | "base ref" | "head ref" => M::Branch,
        "environment" | "env" | "stage" => M::Environment,
        "query" | "q" | "search" | "filter" | "prompt" => M::Query,
        "key" => M::Key,
        "value" | "values" | "data" | "input" | "output" | "result" => M::Value,
        "symbol" | "ticker" => M::Symbol,
        "datetime" | "timestamp" | "date time" | "time stamp" => M::Moment(Occasion::Some),
        "date" | "day" => M::Day,
        "time" => M::Clock,
        "retry after" => M::Quantity,
        "seconds" | "secs" | "ttl" | "duration" | "timeout" | "expires in" | "lifetime" | "uptime" => M::Seconds,
        "ms" | "millis" | "milliseconds" | "latency" | "delay" | "elapsed" => M::Millis,
        "minutes" | "mins" => M::Minutes,
        "year" | "exp year" => M::Year,
        "month" | "exp month" => M::Month,
        "day of month" => M::DayOfMonth,
        "age" => M::Age,
        "percent" | "percentage" | "pct" | "progress" | "completion" => M::Percent,
        "ratio" | "rate" | "probability" | "confidence" | "similarity" | "temperature" | "opacity" => M::Ratio,
        "rating" | "score" | "stars rating" => M::Rating,
        "size" | "bytes" | "file size" | "length" | "content length" => M::Bytes,
        "width" | "height" => M::Pixels,
        "lat" | "latitude" => M::Latitude,
        "lng" | "lon" | "long" | "longitude" => M::Longitude,
        "quantity" | "qty" | "stock" | "seats" | "units sold" => M::Quantity,
        "position" | "index" | "order" | "rank" | "sort order" | "sequence" | "ordinal" => M::Position,
        "weight" | "mass" | "distance" => M::Weight,
        "status code" | "statuscode" | "http status" => M::StatusCode,
        "page" | "page number" | "current page" | "pagenumber" | "page num" => M::Page(P::Page),
        "limit" | "page size" | "per page" | "pagesize" | "perpage" | "page limit" | "max results" | "items per page" => M::Page(P::Size),
        "offset" | "skip" => M::Page(P::Offset),
        "total" | "total count" | "totalcount" | "total items" | "total results" | "total elements" | "total records"
        | "total size" | "total hits" | "total entries" | "item count" | "items count" | "result count" => M::Page(P::Total),
        "total pages" | "page count" | "num pages" | "pages" | "last page" | "totalpages" => M::Page(P::Pages),
        "has next" | "has more" | "has next page" | "hasmore" | "hasnext" | "more" | "truncated" | "incomplete results" => M::Page(P::HasNext),
        "has previous" | "has prev" | "has previous page" | "hasprevious" => M::Page(P::HasPrevious),
        "next" | "next page" | "next cursor" | "next page token" | "next token" | "next url" | "next link" => M::Next,
        "previous" | "prev" | "previous page" | "prev page" | "previous cursor" | "prev cursor" | "previous url" | "previous link" => M::Previous,
        "active" | "enabled" | "verified" | "valid" | "success" | "ok" | "public" | "visible" | "available" | "confirmed" => M::Yes,
        "deleted" | "archived" | "disabled" | "locked" | "blocked" | "suspended" | "banned" | "expired" | "deprecated"
        | "hidden" | "admin" | "bot" | "nsfw" | "system" | "revoked" | "failed" | "cancelled" | "canceled" | "test" | "draft" | "private" | "fork" | "template" => M::No,
        _ => return None,
    })
}

/// The occasion, where the name is plainly that of a moment: `created_at`, `dueDate`, `expires`.
fn occasion(words: &[String]) -> Option<Occasion> {
    let (last, before) = words.split_last()?;
    let occasion = occasion_of(words);
    // `creationTimeStamp` is written as `creation_timestamp` is meant.
    if let [before @ .., time, stamp] = words
        && (time.as_str(), stamp.as_str()) == ("time", "stamp")
    {
        return (!before.is_empty()).then_some(occasion);
    }
    let told = match last.as_str() {
        "expiry" | "expiration" => true,
        "created" | "updated" | "expires" | "modified" | "iat" | "exp" | "nbf" => before.is_empty(),
        "at" | "timestamp" | "datetime" | "utc" => !before.is_empty(),
        // `depends_on` and `response_time` are none.
        "on" | "date" | "time" | "until" | "since" => !before.is_empty() && occasion != Occasion::Some,
        _ => false,
    };
    told.then_some(occasion)
}

/// The occasion of a member that is known to be a moment.
pub(super) fn occasion_of(words: &[String]) -> Occasion {
    let find =
        |word: &String| {
            Some(match word.as_str() {
                "expires" | "expiry" | "expiration" | "expire" | "expiring" | "due" | "deadline" | "renews"
                | "renewal" | "next" | "scheduled" | "retry" | "valid" | "until" | "exp" | "reset" | "resets"
                | "trial" | "eta" => Occasion::Due,
                "updated" | "modified" | "changed" | "edited" | "update" | "mtime" => Occasion::Updated,
                "deleted" | "deletion" | "removed" | "archived" | "closed" | "completed" | "completion"
                | "finished" | "ended" | "resolved" | "cancelled" | "canceled" | "accepted" | "declined"
                | "revoked" | "delivered" | "shipped" | "paid" | "processed" | "seen" | "login" | "used"
                | "accessed" | "active" | "pushed" | "merged" | "last" | "responded" | "read" | "signed"
                | "approved" | "rejected" | "failed" | "received" => Occasion::Done,
                "created" | "joined" | "added" | "registered" | "inserted" | "issued" | "opened" | "submitted"
                | "published" | "invited" | "ordered" | "placed" | "purchased" | "hired" | "creation" | "create"
                | "signup" | "iat" => Occasion::Created,
                "start" | "starts" | "started" | "from" | "begin" | "begins" | "since" | "after" | "effective" => {
                    Occasion::Start
                }
                "end" | "ends" | "to" | "stop" | "finish" | "till" | "before" => Occasion::End,
                "birth" | "birthday" | "dob" | "born" | "birthdate" | "dateofbirth" => Occasion::Born,
                _ => return None,
            })
        };
    // `last_updated_at` is an update, and `next_billing_start` lies ahead: the strongest word decides.
    let found: Vec<Occasion> = words.iter().filter_map(find).collect();
    let strongest = [
        Occasion::Born,
        Occasion::Due,
        Occasion::Updated,
        Occasion::Created,
        Occasion::End,
        Occasion::Start,
        Occasion::Done,
    ];
    strongest.into_iter().find(|occasion| found.contains(occasion)).unwrap_or(Occasion::Some)
}

/// What an object is, as far as its name and slug are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Subject {
    Person,
    Organization,
    File,
    Place,
    /// What went wrong.
    Error,
    #[default]
    Thing,
}

/// What the last of these words names.
pub(super) fn subject(words: &[String]) -> Option<Subject> {
    words.iter().rev().find_map(|word| subject_of(&super::name::singular(word)))
}

#[rustfmt::skip]
fn subject_of(word: &str) -> Option<Subject> {
    Some(match word {
        "user" | "member" | "person" | "owner" | "author" | "customer" | "contact" | "employee" | "creator" | "assignee"
        | "sender" | "recipient" | "inviter" | "invitee" | "reviewer" | "admin" | "patient" | "student" | "teacher" | "driver"
        | "guest" | "actor" | "editor" | "manager" | "requester" | "reporter" | "subscriber" | "follower" | "contributor"
        | "collaborator" | "participant" | "attendee" | "passenger" | "profile" | "people" | "cardholder" | "holder" | "client"
        | "committer" | "uploader" | "buyer" | "seller" | "lead" => Subject::Person,
        "org" | "organization" | "organisation" | "company" | "tenant" | "employer" | "vendor" | "supplier" | "merchant"
        | "business" | "brand" | "publisher" | "manufacturer" | "bank" | "agency" | "institution" | "partner" => Subject::Organization,
        "file" | "attachment" | "document" | "upload" | "artifact" | "asset" | "blob" => Subject::File,
        "error" | "problem" | "fault" | "exception" | "failure" => Subject::Error,
        "city" | "location" | "place" | "venue" | "region" => Subject::Place,
        "workspace" | "project" | "team" | "product" | "repository" | "repo" | "app" | "application" | "item" | "channel"
        | "room" | "group" | "invitation" | "task" | "event" | "order" => Subject::Thing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::name::words;
    use super::{Meaning, Occasion, PageField, Subject, meaning, subject};

    fn of(name: &str) -> Option<Meaning> {
        meaning(&words(name)).map(|(meaning, _)| meaning)
    }

    #[test]
    fn names_are_understood_however_they_are_written() {
        for name in ["email", "emailAddress", "EMAIL_ADDRESS", "inviter-email", "userEmail"] {
            assert_eq!(of(name), Some(Meaning::Email), "{name}");
        }
        assert_eq!(of("first_name"), Some(Meaning::FirstName));
        assert_eq!(of("avatarUrl"), Some(Meaning::Image));
        assert_eq!(of("html_url"), Some(Meaning::Url));
        assert_eq!(of("hasNextPage"), Some(Meaning::Page(PageField::HasNext)));
        assert_eq!(of("page_size"), Some(Meaning::Page(PageField::Size)));
        assert_eq!(of("frobnicator"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn moments_are_told_by_their_verbs() {
        let cases = [
            ("created_at", Occasion::Created),
            ("lastUpdatedAt", Occasion::Updated),
            ("last_login_at", Occasion::Done),
            ("expires_at", Occasion::Due),
            ("dueDate", Occasion::Due),
            ("joined_at", Occasion::Created),
            ("start_time", Occasion::Start),
            ("end_time", Occasion::End),
            ("expires", Occasion::Due),
        ];
        for (name, occasion) in cases {
            assert_eq!(of(name), Some(Meaning::Moment(occasion)), "{name}");
        }
        assert_eq!(of("at"), None);
    }

    #[test]
    fn objects_are_told_by_their_names() {
        assert_eq!(subject(&words("OrganizationMember")), Some(Subject::Person));
        assert_eq!(subject(&words("companies")), Some(Subject::Organization));
        assert_eq!(subject(&words("OrganizationInvitation")), Some(Subject::Thing));
        assert_eq!(subject(&words("Foo")), None);
    }
}
