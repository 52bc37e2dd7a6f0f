// The app that is tested: one page, on an origin of its own, whose button invites somebody, and shows what came of it.
import { createServer } from 'node:http'

const page = `<!doctype html><title>an app</title><button>invite</button><ol></ol>
<script>
  const api = new URLSearchParams(location.search).get('api')
  document.querySelector('button').onclick = async () => {
    const shown = document.querySelector('ol').appendChild(document.createElement('li'))
    const response = await fetch(api + '/api/v1/org/acme/invitations', {
      method: 'POST',
      credentials: 'include',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', role: 'reader' }),
    })
    shown.textContent = String(response.status)
  }
</script>`

export default async () => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(page)
  })
  await new Promise((ready) => server.listen(0, 'localhost', ready))
  process.env.APP_URL = `http://localhost:${server.address().port}/`
  return () => server.close()
}
