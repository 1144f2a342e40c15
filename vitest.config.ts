import { defineConfig } from 'vitest/config'

/** Child processes would pay for parsing certificates at every start of Node 20. */
const env = { NODE_EXTRA_CA_CERTS: '' }

export default defineConfig({
  test: {
    ...(process.env.CI
      ? { reporters: ['default', 'json'], outputFile: { json: 'test/build/results.json' } }
      : {}),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**', 'test/native/**'],
          pool: 'forks',
          // Nothing here changes its process, so a file need not have one of its own.
          isolate: false,
          maxWorkers: 2,
          env,
        },
      },
      {
        // Real namespaces: one file at a time, in processes of their own.
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts', 'test/native/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env,
        },
      },
    ],
  },
})
