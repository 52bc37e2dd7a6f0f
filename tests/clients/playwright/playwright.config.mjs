// Fifty tests, eight at a time, against one mock. The mock's base URL is STANDIN_URL, the browser's path STANDIN_CHROMIUM.
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  fullyParallel: true,
  workers: 8,
  timeout: 180_000,
  globalTimeout: 900_000,
  globalSetup: './app.mjs',
  outputDir: process.env.STANDIN_OUTPUT,
  preserveOutput: 'never',
  reporter: [['json', { outputFile: process.env.STANDIN_REPORT }]],
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env.STANDIN_CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
})
