// Chromium with pages of other origins that try to change a running mock through its admin pages: one of another site, one of another
// port of this machine, and one whose name was made to lead to the mock (DNS rebinding). Prints what each try came to as JSON lines;
// `tests/it/clients.rs` judges them. Takes the mock's base URL and the path of Chromium.
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

const [base, executablePath] = process.argv.slice(2)
const port = new URL(base).port
const admin = `${base}/_standin`
const json = { 'content-type': 'application/json' }

const ours = async (path, method = 'GET', body) =>
  (await fetch(admin + path, { method, body, headers: body ? json : {} })).json()
const call = () => fetch(`${base}/api/v1/invitations/me`, { headers: { authorization: 'Bearer x', 'standin-session': 'a' } })

// What may not be changed: a session with a scenario, two calls before its third one.
await ours('/sessions/a/scenarios', 'PUT', '{"active":["token-expires"]}')
await call()
const before = await ours('/sessions/a')

const foreign = createServer((request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<!doctype html><title>another page</title><iframe name="sink"></iframe>')
})
await new Promise((ready) => foreign.listen(0, '127.0.0.1', ready))
const elsewhere = foreign.address().port

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP evil.test 127.0.0.1, MAP rebound.test 127.0.0.1',
  ],
})

// What a page can send: what it may read of the answer, or why it may read nothing.
const tries = async ({ admin, session }) => {
  const attempt = async (name, url, options) => {
    try {
      const response = await fetch(url, options)
      return [name, response.type === 'opaque' ? 'sent' : response.status]
    } catch (error) {
      return [name, 'refused']
    }
  }
  const body = '{"active":[]}'
  const scenarios = `${admin}/sessions/${session}/scenarios`
  const results = [
    await attempt('simple POST', `${admin}/sessions/${session}/reset`, { method: 'POST', mode: 'no-cors', body: 'x' }),
    await attempt('POST without content', `${admin}/reset`, { method: 'POST', mode: 'no-cors' }),
    await attempt('POST with credentials', `${admin}/reset`, { method: 'POST', mode: 'cors', credentials: 'include', body: 'x' }),
    await attempt('preflighted PUT', scenarios, { method: 'PUT', headers: { 'content-type': 'application/json' }, body }),
    await attempt('PUT as text', scenarios, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body }),
    await attempt('DELETE', `${admin}/sessions/${session}`, { method: 'DELETE' }),
    await attempt('read', `${admin}/exchanges`, { credentials: 'include' }),
    await attempt('listen', `${admin}/exchanges/tail?since=0`, { headers: { accept: 'text/event-stream' }, credentials: 'include' }),
    await attempt('claim', `${admin}/verify`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"operation":"get_org"}' }),
    await attempt('GET that changes', `${admin}/use?session=${session}&scenario=upstream-flaky`, { mode: 'no-cors', credentials: 'include' }),
  ]
  const loaded = (element, url) =>
    new Promise((done) => {
      element.onload = element.onerror = () => done()
      element.src = url
      document.body.append(element)
      setTimeout(done, 5_000)
    })
  const use = `${admin}/use?session=${session}&scenario=upstream-flaky`
  await loaded(document.createElement('img'), use)
  await loaded(document.createElement('script'), use)
  await loaded(document.createElement('iframe'), use)
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action: `${admin}/sessions/${session}/reset`, target: 'sink' })
  document.body.append(form)
  form.submit()
  await new Promise((done) => setTimeout(done, 500))
  return Object.fromEntries(results)
}

try {
  for (const [name, origin] of [
    ['another site', `http://evil.test:${elsewhere}/`],
    ['another port', `http://localhost:${elsewhere}/`],
    ['a name made to lead here', `http://rebound.test:${port}/`],
  ]) {
    // The page of the mock itself, which is what a rebound name leads to, would let no script fetch anything; the attacker's would.
    const context = await browser.newContext({ bypassCSP: true })
    const page = await context.newPage()
    await page.goto(origin)
    const own = name === 'a name made to lead here' ? `http://rebound.test:${port}/_standin` : admin
    const seen = await page.evaluate(tries, { admin: own, session: 'a' })
    const after = await ours('/sessions/a')
    const kept = ['calls', 'active', 'uploaded', 'overrides'].every((part) =>
      JSON.stringify(before[part], (key, value) => (key === 'for_ms' ? 0 : value)) ===
      JSON.stringify(after[part], (key, value) => (key === 'for_ms' ? 0 : value)))
    console.log(JSON.stringify({ name, seen, kept, cookies: (await context.cookies()).length }))
    await context.close()
  }

  // To lead the browser there as a whole is possible. Then it is asked, and does what its user says.
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`http://evil.test:${elsewhere}/`)
  const there = `${admin}/use?session=b&scenario=token-expires&to=${encodeURIComponent('/_standin/health')}`
  await page.evaluate((url) => { location.href = url }, there)
  await page.waitForURL(/\/use\?/)
  const asked = { cookies: (await context.cookies()).length, session: (await fetch(`${admin}/sessions/b`)).status }
  await page.getByRole('button', { name: 'Do so' }).click()
  await page.waitForURL(/\/health$/)
  const cookies = await context.cookies()
  const told = { cookies: cookies.map((cookie) => `${cookie.name}=${cookie.value}`), session: (await ours('/sessions/b')).active[0].name }
  console.log(JSON.stringify({ name: 'navigation', asked, told }))

  // Somebody who opens it himself is not asked; the form works without script.
  const quiet = await browser.newContext({ javaScriptEnabled: false })
  const form = await quiet.newPage()
  await form.goto(`${admin}/use`)
  await form.getByLabel('Session').fill('c')
  await form.getByLabel('Scenario').selectOption('token-expires')
  await form.getByLabel('Then go to').fill(`http://localhost:${elsewhere}/`)
  await form.getByRole('button', { name: 'Use it' }).click()
  await form.waitForURL(`http://localhost:${elsewhere}/`)
  const taken = (await quiet.cookies()).map((cookie) => `${cookie.name}=${cookie.value} ${cookie.sameSite} ${cookie.httpOnly}`)
  console.log(JSON.stringify({ name: 'form', cookies: taken, active: (await ours('/sessions/c')).active[0].name }))

  // What happened is looked up without script: the form leaves exchanges out, each leads to its neighbours.
  await call()
  const looking = await quiet.newPage()
  await looking.goto(`${admin}/exchanges`)
  await looking.getByLabel('Session').fill('a')
  await looking.getByLabel('Status').fill('2XX')
  await looking.getByRole('button', { name: 'Show' }).click()
  await looking.waitForURL(/session=a/)
  const rows = await looking.getByRole('row').count()
  await looking.getByRole('row').first().getByRole('link').click()
  await looking.waitForURL(/exchanges\/\d+$/)
  const last = Number(new URL(looking.url()).pathname.split('/').pop())
  await looking.getByRole('link', { name: /previous/ }).click()
  await looking.waitForURL((url) => !url.pathname.endsWith(`/${last}`))
  const before_it = Number(new URL(looking.url()).pathname.split('/').pop())
  const headings = await looking.getByRole('heading', { level: 2 }).allTextContents()
  console.log(JSON.stringify({ name: 'looked up', rows, earlier: before_it < last, headings }))

  // A page of the mock's own origin listens, and comes back to where it was.
  const listening = await browser.newContext({ bypassCSP: true })
  const listener = await listening.newPage()
  await listener.goto(`${admin}/health`)
  const first = listener.evaluate((url) => new Promise((done) => {
    const source = new EventSource(url)
    source.addEventListener('exchange', (event) => {
      source.close()
      done({ session: JSON.parse(event.data).session, id: event.lastEventId })
    })
    source.onopen = () => { document.title = 'listens' }
  }), `${admin}/exchanges/tail?session=a`)
  await listener.waitForFunction(() => document.title === 'listens')
  await call()
  console.log(JSON.stringify({ name: 'listened', ...(await first) }))
} finally {
  await browser.close()
  foreign.close()
}
