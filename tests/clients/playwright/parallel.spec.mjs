// Each test has a session and a scenario of its own, and counts calls that only it has made. Thirty name the session in a field, as the
// README shows; ten by a host of their own; ten by the cookie that `/_standin/use` sets.
import { expect, test as base } from '@playwright/test'
import { test } from './standin.mjs'

const mock = process.env.STANDIN_URL
const admin = (path, method, type, body) =>
  fetch(`${mock}/_standin${path}`, { method, body, headers: type ? { 'content-type': type } : {} })

const STATUSES = [401, 403, 404, 409, 422, 429, 500, 502, 504]

/** What the scenario of a test answers: the call of this number fails with this status, others do not. */
const story = (number) => ({ at: 1 + (number % 4), status: STATUSES[number % STATUSES.length] })

const text = (name, { at, status }) => `scenario: ${name}\non:\n  invite_to_organization:\n    - calls: { ${at}: ${status} }\n`

/** Presses the button five times, and holds what is shown to the story. */
const walk = async (page, api, { at, status }) => {
  await page.goto(`${process.env.APP_URL}?api=${encodeURIComponent(api)}`)
  const shown = page.locator('li')
  for (let call = 1; call <= 5; call++) {
    await page.getByRole('button').click()
    await expect(shown.nth(call - 1)).toHaveText(call === at ? String(status) : '200', { timeout: 60_000 })
  }
}

/** The session has had the calls of this test, and no others. */
const alone = async (session) => {
  const counters = await (await admin(`/sessions/${session}/counters`, 'GET')).json()
  expect(counters.calls).toEqual({ invite_to_organization: 5 })
}

for (let number = 0; number < 15; number++) {
  test(`a field ${number}: the shipped scenario`, async ({ page, extraHTTPHeaders }) => {
    await walk(page, mock, { at: 3, status: 429 })
    await alone(extraHTTPHeaders['Standin-Session'])
  })
}

for (let number = 0; number < 15; number++) {
  test(`a field ${number}: a scenario of its own`, async ({ page, extraHTTPHeaders }) => {
    const session = extraHTTPHeaders['Standin-Session']
    // Every session has another one of this name.
    const uploaded = await admin(`/sessions/${session}/scenarios/own`, 'PUT', 'application/yaml', text('own', story(number)))
    expect(await uploaded.json()).toMatchObject({ name: 'own', findings: [] })
    const active = await admin(`/sessions/${session}/scenarios`, 'PUT', 'application/json', '{"active":["own"]}')
    expect(active.status).toBe(200)
    await walk(page, mock, story(number))
    await alone(session)
  })
}

for (let number = 0; number < 10; number++) {
  base(`a host ${number}`, async ({ page }) => {
    const session = `host-${number}`
    const { at, status } = story(number)
    const on = await admin(`/sessions/${session}/on/invite_to_organization`, 'PUT', 'application/json', JSON.stringify({ calls: { [at]: status } }))
    expect(on.status).toBe(200)
    await walk(page, mock.replace('localhost', `${session}.localhost`), story(number))
    await alone(session)
  })
}

for (let number = 0; number < 10; number++) {
  base(`a cookie ${number}`, async ({ page }) => {
    const session = `cookie-${number}`
    await page.goto(`${mock}/_standin/use?session=${session}&scenario=throttled-then-recovers&to=/_standin/health`)
    await walk(page, mock, { at: 3, status: 429 })
    await alone(session)
  })
}
