//! The table of rules: everything that `standin` can find, once. Reports, `standin explain` and the options derive from it.

use super::Severity;

/// One kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable, kebab-case; what reports, `--fail-on` and `standin explain` use.
    pub id: &'static str,
    /// What a finding of it weighs unless said otherwise.
    pub severity: Severity,
    /// What it sees, in a sentence.
    pub what: &'static str,
    /// Why it matters, in a sentence.
    pub why: &'static str,
    /// A smallest case.
    pub example: &'static str,
    /// What to do, in a sentence.
    pub remedy: &'static str,
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

macro_rules! rules {
    ($($id:literal $severity:ident what $what:literal why $why:literal example $example:literal remedy $remedy:literal)*) => {
        /// Every rule, in the order in which `standin explain` lists them.
        pub static RULES: &[Rule] = &[$(Rule {
            id: $id, severity: Severity::$severity, what: $what, why: $why, example: $example, remedy: $remedy,
        }),*];
    };
}

rules! {
    // Reading a text.
    "syntax" Error
        what "the text is not well-formed YAML or JSON"
        why "nothing after the place can be trusted"
        example "`info: {title: A`"
        remedy "mend the text at the place named"
    "duplicate-key" Warning
        what "a mapping has the same key twice"
        why "tools differ in which of the two they use"
        example "`{a: 1, a: 2}`"
        remedy "keep one of them"
    "limits" Error
        what "the text is nested too deeply, or its aliases grow too large"
        why "a limit keeps a small file from filling the memory"
        example "nine aliases of nine aliases of nine …"
        remedy "write it flatter"

    // What a document says that cannot be used.
    "document-version" Error
        what "the document is not of a version that is understood"
        why "nothing in it can be read with certainty"
        example "`swagger: '1.2'`; `openapi: 4.0.0` is read as the newest that is known, which is a warning"
        remedy "use OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0"
    "swagger-2" Warning
        what "a part of a Swagger 2.0 document that is not as Swagger 2.0 has it"
        why "it is read as what was most likely meant, or not at all, and other tools may do otherwise"
        example "`in: formData` where `consumes` names `application/json` alone"
        remedy "write it as the message shows"
    "structure" Warning
        what "a part of the document is not what stands there, or stands where nobody looks for it"
        why "what it says has no effect"
        example "`servers: { url: /v1 }` without the `- ` of a list; `schema` of a response beside `content`"
        remedy "write it as the message shows"
    "no-operations" Error
        what "the document describes no operation"
        why "there is nothing to serve or to check"
        example "`paths: {}`"
        remedy "describe at least one operation under `paths`"
    "path-template" Warning
        what "a path that no request can reach as it is written"
        why "its operations are never called"
        example "`pets/{id}` without the leading slash"
        remedy "mend the path"
    "method" Warning
        what "a method under a name that it does not have there: in capitals, or no method at all, or one that has its place elsewhere"
        why "tools differ in whether they look at it"
        example "`GET: …` under a path; `additionalOperations: { POST: … }`, or `{ \"COPY TO\": … }`"
        remedy "write it as a field of the path item where there is one for it, else as the method is sent"
    "path-spans" Note
        what "a parameter of a path that takes several segments"
        why "OpenAPI has no form for it: other tools take the parameter for one segment, or do not know it at all"
        example "`/v1/{+name}`, where `name` is `projects/1/keys/2`"
        remedy "leave it when clients send it so, else write the segments as parameters of their own"
    "hidden-operation" Warning
        what "an operation lies where the mock answers for itself"
        why "requests for it get the mock's own pages, or are refused"
        example "`/_standin/sessions` in a document, with the usual `--admin-prefix`"
        remedy "move the mock's own pages: `--admin-prefix /own`"
    "ambiguous-path" Warning
        what "two paths answer to the same requests"
        why "which of them is meant is decided by a rule, not by the document"
        example "`/{a}/me` and `/books/{id}`, or `/pets/{id}` and `/pets/{name}`; `/health` in two documents"
        remedy "make one of them more literal, or place one of two documents elsewhere: `/mount=FILE`"
    "duplicate-operation-id" Warning
        what "two operations have the same operationId"
        why "scenarios and reports name operations by it"
        example "`operationId: list` under two paths"
        remedy "give each its own"
    "parameter" Warning
        what "a parameter that cannot be used as it is written"
        why "requests are not checked against it"
        example "`in: path` with a name that the path does not have"
        remedy "mend the parameter"
    "request-body" Note
        what "a body that is required with GET or HEAD"
        why "HTTP gives it no meaning, and browsers cannot send it"
        example "`get: { requestBody: { required: true, … } }`"
        remedy "take it as parameters of the query, or with POST"
    "status-key" Warning
        what "a key of `responses` that is no status"
        why "that response is never served, and answers with that status count as undocumented"
        example "`4xx` in lower case"
        remedy "write a status such as 404, a class such as 4XX, or default"
    "content-never-sent" Warning
        what "content is described for a status that HTTP sends without any"
        why "no answer has it, whatever is described"
        example "`204: { content: { application/json: ... } }`"
        remedy "leave `content` out, or give the response another status"
    "media-type" Warning
        what "a key of `content` that is no media type"
        why "no message is of it, so that nothing it describes is ever sent or checked"
        example "`content: { json: ... }`"
        remedy "write a media type or a range, such as `application/json` or `text/*`"
    "encoding" Warning
        what "an Encoding Object where it has no effect"
        why "its author may count on it"
        example "`encoding` of `application/json`, or beside `prefixEncoding`"
        remedy "take it away, or describe a form or a message of parts"
    "link" Warning
        what "a link that leads to no operation, or with a value that is no runtime expression"
        why "who follows the document cannot follow the link"
        example "`operationId: get_pet` in a document that has `getPet`"
        remedy "name an operation that the document has"
    "no-success" Note
        what "an operation that has only errors to answer with"
        why "a valid request is answered with one of them"
        example "`responses: { 404: … }` and nothing else"
        remedy "describe what a valid request is answered with"
    "no-responses" Warning
        what "an operation without a single usable response"
        why "there is nothing to answer with"
        example "`responses: {}`"
        remedy "describe at least one response"
    "security-scheme" Warning
        what "a security requirement or scheme that cannot be used"
        why "credentials are not checked by it"
        example "`security: [{token: []}]` with no scheme `token`"
        remedy "define the scheme under `components.securitySchemes`, or `securityDefinitions` in Swagger 2.0"
    "example-invalid" Warning
        what "an example that its own schema forbids"
        why "whoever builds against the example builds against something that the API never sends"
        example "`example: null` where the schema says `type: string`"
        remedy "mend the example or its schema"
    "example-external" Warning
        what "the `externalValue` of an example cannot be used"
        why "the example is never served: it is as if it were not there"
        example "`externalValue: examples/pet.json` with no such file, or a picture"
        remedy "put a YAML or JSON file there, or write the value into the document"
    "dangling-ref" Error
        what "a reference names nothing that is there"
        why "what stands behind it cannot be checked: values are neither valid nor invalid by it"
        example "`$ref: \"#/$defs/Pet\"` in a document that has no `$defs`"
        remedy "name a place that exists, or put there what is missing"
    "schema-dialect" Warning
        what "a schema that says it is written in a dialect of JSON Schema that is not known"
        why "what its keywords mean cannot be told, so values of it are not decided"
        example "`$schema: https://example.com/dialect`"
        remedy "write it in JSON Schema 2020-12 (2019-09 and drafts 4, 6 and 7 are known as well)"
    "schema-keyword" Warning
        what "a keyword of a schema has a value that it cannot have"
        why "the keyword cannot be checked: values that it might refuse are neither valid nor invalid"
        example "`required: true`, `minLength: \"1\"`, `type: file`"
        remedy "give it a value of the kind that the message names"
    "schema-pattern" Warning
        what "a regular expression is none of ECMA-262, or cannot be compiled"
        why "strings that it might refuse are neither valid nor invalid"
        example "`pattern: \"(?i)^abc$\"`"
        remedy "write it in ECMA-262 with the `u` flag: no inline flags, no `\\Z`, no possessive quantifiers"
    "schema-ignored" Note
        what "a keyword of a schema has no effect where it stands"
        why "its author may count on it"
        example "`nullable: true` in OpenAPI 3.1, `const` in 3.0, `minLength` beside `$ref` in 3.0"
        remedy "say it in the way of the document's version, as the message shows"
    "schema-cycle" Warning
        what "a schema refers to itself without going into a member or an item"
        why "such a reference asks nothing more, and many tools never end on it"
        example "`Pet: {allOf: [{$ref: \"#/components/schemas/Pet\"}]}`"
        remedy "take the reference out"
    "schema-limit" Warning
        what "a schema is too deep, or composed of too many others, to be compiled whole"
        why "what lies beyond the limit cannot be checked"
        example "a schema nested three hundred levels deep"
        remedy "write it flatter, or compose fewer schemas"

    // Making values.
    "schema-unsatisfiable" Warning
        what "no value can satisfy a schema, or none was found that does"
        why "what is served or sent for it does not keep to the document"
        example "`{type: integer, minimum: 5, maximum: 4}`; a member that is required and forbidden"
        remedy "mend the schema at the place named, or give an example"

    // What a file of settings says that means nothing.
    "config-key" Error
        what "a setting that no command has, or not that one"
        why "a setting that is ignored looks as if it held"
        example "`prot: 4020` in `standin.yaml`"
        remedy "write the name of a flag, without dashes in front"
    "config-value" Error
        what "a value that the flag does not take"
        why "what the file says and what the flag means are the same"
        example "`port: many`"
        remedy "write it as behind the flag on the command line"

    // What a scenario says that cannot be carried out.
    "scenario-key" Error
        what "a key that a scenario does not have, or needs and lacks"
        why "nothing in a scenario is ignored: a story told in part is another story"
        example "`reponse: 429`, or a rule without `reply` and `calls`"
        remedy "write one of the keys that the message names"
    "scenario-value" Error
        what "a value that is not what its key takes"
        why "it could be read in more than one way, or in none"
        example "`delay: 300`, which has no unit"
        remedy "write it as the message says"
    "scenario-calls" Error
        what "numbers of calls that cannot be read, or that name a call twice"
        why "each call gets one answer"
        example "`{ 1-3: 429, 3+: 502 }`"
        remedy "write `3`, `1-2` or `4+`, each call once"
    "scenario-condition" Error
        what "a condition that no request can meet"
        why "its rule would never hold"
        example "`when: { path: { organisation: acme } }` where the path has `{org}`"
        remedy "name what the operation has"
    "scenario-state" Error
        what "a state that a scenario is never in, or that begins nowhere"
        why "rules that ask for it would never hold"
        example "`state: acepted` where a reply has `go: accepted`"
        remedy "name a state that a reply goes to, or that the file begins with"
    "scenario-unreachable" Warning
        what "a rule behind one that decides every call, or in a state that no way leads to"
        why "it is never reached"
        example "`- reply: 429` and below it `- chance: 10%`"
        remedy "put rules without conditions last"
    "scenario-name" Warning
        what "two scenarios in one folder have the same name"
        why "they are asked for by it, and their calls are counted by it"
        example "`scenario: throttled` in two files of `scenarios`"
        remedy "give one of them another name"
    "unknown-operation" Error
        what "a scenario names an operation that the document does not have"
        why "its rules would never hold"
        example "`invite_to_organisation`"
        remedy "write an operationId of the document, `METHOD /template`, or `\"*\"` for all"
    "scenario-status" Error
        what "a scenario answers with a status that the document does not describe"
        why "the real API does not answer so, as far as it says"
        example "`reply: 418`"
        remedy "answer with a documented status, document it, or set `strict: false`"
    "scenario-example" Error
        what "a scenario asks for an example that the document does not have"
        why "there is nothing to answer with"
        example "`example: owner` where the document names no example so"
        remedy "write one of the names in the document"
    "scenario-body" Error
        what "a scenario answers with content that the document forbids"
        why "a client that meets it learns something that the real API does not do"
        example "`merge: { detail: 5 }` where `detail` is a string"
        remedy "mend the content, or set `strict: false`"
    "scenario-template" Error
        what "a template that cannot be read, or that comes to nothing that can be sent"
        why "the calls that meet it would be answered 500"
        example "`template: '{ \"id\": {{ request.path.orgg }} }'` where the path has `{org}`"
        remedy "mend the template at the place named"
    "scenario-include" Error
        what "a file that a scenario includes and that cannot be had, or that brings nothing"
        why "replies that it names would not be there"
        example "`include: ../../secret.yaml`, which lies outside of the scenario's folder"
        remedy "name a file in the folder of the scenario or below"
    "scenario-saved" Warning
        what "a template uses a value that nothing in its scenario keeps"
        why "unless another scenario keeps it, the calls that meet it are answered 500"
        example "`{{ saved.invitaton }}` where a rule says `save: { invitation: /id }`"
        remedy "mend the name, or keep the value under a rule"
    "scenario-header" Error
        what "a scenario sets a header field that cannot be sent, or that the document forbids"
        why "the answer would be broken, or other than the document promises"
        example "`headers: { Retry-After: soon }` where the document says integer"
        remedy "mend name or value; `strict: false` allows what the document forbids"
    "scenario-request" Error
        what "a step of a scenario sends what its operation cannot be sent, or needs more than can be made up"
        why "the step could not be taken, or would not say what it is meant to"
        example "`with: { path: { organisation: acme } }` where the path has `{org}`"
        remedy "name what the operation has; write what cannot be made up"
    "scenario-step" Error
        what "a step of a scenario does not come out as it says"
        why "either the story is told otherwise than it goes, or the answer is wrong"
        example "`then: 429` for the second call, where `calls` refuses the third"
        remedy "mend the step, or the rules that it is about"
    // The file that `--stateful` takes.
    "stateful-key" Error
        what "a key that the file of `--stateful` does not have, or a collection that the document does not"
        why "what is not understood would correct nothing"
        example "`collection:` for `collections:`"
        remedy "write one of those that the message names; `standin explain --stateful` lists the collections"
    "stateful-value" Error
        what "a value in the file of `--stateful` that is not what its key takes, or that the document does not have"
        why "what is kept would be other than what was meant"
        example "`unique: email`, which is no list"
        remedy "write it as the message says"
    "stateful-seed" Error
        what "an item in the file of `--stateful` that its own schema forbids"
        why "the mock would answer what the document does not allow"
        example "`{ role: boss }` where the document lists owner, contributor, reader"
        remedy "write it as the document says; what is left out is made up"

    // What answers are held to.
    "undocumented-status" Error
        what "an answer has a status that the document does not list for its operation"
        why "clients written from the document have no branch for it"
        example "418 where `responses` has 200, 404 and 422"
        remedy "list the status under `responses`, or answer with one that is listed"
    "response-media-type" Error
        what "the content of an answer is of a media type that the document does not list, or of none"
        why "clients choose how to read it by the media type"
        example "`text/html` where `content` has `application/json`"
        remedy "list the media type under `content`, or send one that is listed"
    "response-header" Error
        what "a header field of an answer is missing though required, or not what its schema asks"
        why "clients rely on it"
        example "429 without the `Retry-After` that is `required: true`"
        remedy "send the field as documented, or mend its entry under `headers`"
    "response-body" Error
        what "the content of an answer is not what its schema asks"
        why "clients written from the document fail on it, or silently lose data"
        example "`{\"id\": 7}` where `id` is a string"
        remedy "send what the schema asks, or mend the schema"
    "envelope-status" Error
        what "an error says another status in its content than the answer has"
        why "clients that look at the one act differently from clients that look at the other"
        example "404 with `{\"code\": 401}`"
        remedy "write the answer's own status into the envelope"
    "body-not-allowed" Error
        what "an answer has content where HTTP allows none"
        why "the content is taken for the beginning of the next answer, or the connection breaks"
        example "204 with `{}`; any content in answer to HEAD"
        remedy "send no content, or another status"
    "undocumented-body" Note
        what "an answer has content, and the document says nothing of it"
        why "nothing can be checked, and clients cannot know what it holds"
        example "201 with JSON where the response has only a `description`"
        remedy "describe it under `content`"
    "no-answer" Error
        what "a request got no answer, or one that broke off"
        why "to a client this looks like a crash"
        example "the connection ends before the head of an answer, or before the end of its content"
        remedy "look at the server's log for this request"
    "wrong-base-url" Error
        what "every answer is a 404 that the document does not describe"
        why "probably nothing of the API was reached at all"
        example "`--url https://example.com` for an API that lives under `/v2`"
        remedy "give the path before the API's own paths in `--url`"
    "nothing-judged" Error
        what "not a single record could be judged"
        why "a check that checks nothing proves nothing"
        example "traffic of another API, or of another base path"
        remedy "record traffic of the operations in the document"
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
    }
}
