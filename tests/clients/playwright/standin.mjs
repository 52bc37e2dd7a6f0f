import { test as base } from '@playwright/test'
const mock = process.env.STANDIN_URL ?? 'http://localhost:4010'
export const test = base.extend({
  scenario: ['throttled-then-recovers', { option: true }],
  extraHTTPHeaders: async ({ scenario }, use, { testId, retry }) => {
    const session = `${testId}-${retry}`
    const asked = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ active: [scenario] }) }
    if (!(await fetch(`${mock}/_standin/sessions/${session}/scenarios`, asked)).ok) throw new Error(`no scenario ${scenario}`)
    await use({ 'Standin-Session': session })
  },
})
