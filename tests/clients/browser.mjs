// Chromium against a running mock: a page of another origin that fetches with credentials, and the mock's own page.
// Prints what it saw as JSON lines; `tests/it/clients.rs` judges them. Takes the mock's base URL and the path of Chromium.
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

const [base, executablePath] = process.argv.slice(2)

// The page's own origin: another port is another origin.
const page_server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<!doctype html><title>an app</title>')
})
await new Promise((ready) => page_server.listen(0, '127.0.0.1', ready))
const origin = `http://127.0.0.1:${page_server.address().port}`

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
try {
  const page = await browser.newPage()
  await page.goto(origin)
  const from_page = (name, path, options) =>
    page.evaluate(async ([name, url, options]) => {
      try {
        const response = await fetch(url, { credentials: 'include', ...options })
        const text = await response.text()
        return {
          name,
          status: response.status,
          why: response.headers.get('standin-why'),
          exchange: response.headers.get('standin-exchange'),
          retryAfter: response.headers.get('retry-after'),
          body: text ? JSON.parse(text) : null,
        }
      } catch (error) {
        return { name, error: String(error) }
      }
    }, [name, base + path, options])

  const invite = (body) => ({
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json', 'x-trace': '1' },
    body: JSON.stringify(body),
  })
  const results = [
    await from_page('invite', '/api/v1/org/acme/invitations', invite({ email: 'ada@example.com', role: 'reader' })),
    await from_page('refused', '/api/v1/org/acme/invitations', invite({ email: 'ada@', role: 'reader' })),
    await from_page('throttled', '/api/v1/invitations/me', { headers: { authorization: 'Bearer x', prefer: 'code=429' } }),
    await from_page('nowhere', '/api/v1/nowhere', {}),
    await from_page('admin', '/_standin/exchanges', {}),
  ]
  for (const result of results) console.log(JSON.stringify(result))

  const answer = await page.goto(base + '/')
  const operations = await page.locator('text=invite_to_organization').count()
  const problems = await page.evaluate(() => document.querySelectorAll('script[src], link[href^="http"]').length)
  console.log(JSON.stringify({ name: 'page', status: answer.status(), title: await page.title(), operations, foreign: problems }))
} finally {
  await browser.close()
  page_server.close()
}
