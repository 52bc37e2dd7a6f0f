// Node's own fetch against a running mock. Prints what it saw as JSON lines; `tests/it/clients.rs` judges them.
const base = process.argv[2]

const seen = async (name, path, options = {}) => {
  const headers = { authorization: 'Bearer x', ...options.headers }
  const response = await fetch(base + path, { ...options, headers })
  const text = await response.text()
  console.log(JSON.stringify({
    name,
    status: response.status,
    type: response.headers.get('content-type'),
    why: response.headers.get('standin-why'),
    retryAfter: response.headers.get('retry-after'),
    body: text ? JSON.parse(text) : null,
  }))
}

const invite = (body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

await seen('invite', '/api/v1/org/acme/invitations', invite({ email: 'ada@example.com', role: 'reader' }))
await seen('refused', '/api/v1/org/acme/invitations', invite({ email: 'ada@', role: 'reader' }))
await seen('throttled', '/api/v1/invitations/me', { headers: { prefer: 'code=429' } })
await seen('head', '/api/v1/invitations/me', { method: 'HEAD' })
