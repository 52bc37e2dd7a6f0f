//! Help for someone with one minute: what to type, before what can be typed.

/// `standin --help`.
pub(super) const TOP: &str = "\
{about}

{usage-heading} standin [COMMAND] [DOCUMENT] [FLAGS]

Commands:
{subcommands}

{options}{after-help}";

/// Below `standin --help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  standin                          serve the bundled invitation API
  standin openapi.yaml             serve a document: short for `standin mock`
  standin exec -- npm test         run tests beside it, and judge their calls
  standin lint openapi.yaml        tell what is wrong with it
  standin check openapi.yaml --url http://localhost:8080 --traffic session.har
                                   hold a live API to it

Every flag is also read from the environment: `--port` is STANDIN_PORT.
`standin COMMAND --help` tells the flags of a command.
Exit codes: 0 clean, 1 findings, 2 wrong usage, 3 document or scenario
unusable, 4 input, output or target out of reach.
";

/// Below `standin mock --help`.
pub(super) const MOCK: &str = "\
Examples:
  standin mock openapi.yaml -p 0
        a free port; the base URL is the only line on standard output
  standin mock --scenario throttled-then-recovers
        the third invitation answers 429; `standin explain` lists the stories
  standin mock openapi.yaml --delay 200ms..2s --fail 10%=502,1%=504
        slow, and now and then gone; the same calls get the same answers
  standin mock pets.yaml /shop=orders.yaml
        several documents in one server, the second under /shop
  curl -i localhost:4010/api/v1/invitations/me -H 'Prefer: code=429'
        any documented answer on demand
";

/// Below `standin check --help`.
pub(super) const CHECK: &str = "\
Examples:
  standin check openapi.yaml --url http://localhost:8080 --traffic session.har
  standin check openapi.yaml --traffic session.har --offline
  standin check openapi.yaml --url https://staging.example.com \\
        --traffic session.har --auth \"$TOKEN\" --report junit=junit.xml

On a target that is not loopback only GET, HEAD, OPTIONS and QUERY are sent, until
--allow-writes is given.
";

/// Below `standin exec --help`.
pub(super) const EXEC: &str = "\
Examples:
  standin exec -- npm test
        the mock's base URL is in STANDIN_URL; `-v` shows its log
  standin exec openapi.yaml --env VITE_API_URL -- npx playwright test
        and in VITE_API_URL
  standin exec openapi.yaml --env API={url}/api/v1 --scenario throttled.yaml \\
        --report junit=standin.xml -- cargo test

Standard input and output are the command's; what is to be said of it is on standard
error. Exit codes: the command's own where that is not 0 (128 and its number for a
signal, 127 not found, 126 cannot be run), else 1 when a call met no operation, a
verdict was broken or coverage is too low, else 0. Refused requests are warnings.
SIGTERM, SIGHUP and others are passed on to the command.
";

/// Below `standin lint --help`.
pub(super) const LINT: &str = "\
Examples:
  standin lint openapi.yaml
  standin lint openapi.yaml --format json | jq '.findings[].rule'
  cat openapi.yaml | standin lint -
  standin lint api/v1/openapi.yaml --root api
        references may lead anywhere in that folder
";

/// Below `standin explain --help`.
pub(super) const EXPLAIN: &str = "\
Examples:
  standin explain                           every scenario and every rule
  standin explain dangling-ref              what a rule sees, why, the remedy
  standin explain throttled-then-recovers   a scenario as a timeline
";

/// Below `standin completions --help`.
pub(super) const COMPLETIONS: &str = "\
Examples:
  standin completions bash > ~/.local/share/bash-completion/completions/standin
  standin completions zsh > ~/.zfunc/_standin
  standin completions fish > ~/.config/fish/completions/standin.fish
";
