/**
 * The end of a CI run: every skipped test by name, then `N passed, N failed`, in which the checks
 * count as one more test.
 */
import { readFileSync } from 'node:fs'

const [, , file, checks] = process.argv
const results = JSON.parse(readFileSync(file, 'utf8'))
const tests = results.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ fullName, status }) => ({ name, fullName, status })),
)
// A file that could not be loaded has no tests in it, and has failed all the same.
const broken = results.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
)
const count = (status) => tests.filter((test) => test.status === status).length
for (const test of tests) {
  if (test.status !== 'passed' && test.status !== 'failed') {
    console.log(`skipped: ${test.fullName} (${test.name})`)
  }
}
for (const { name, message } of broken) console.log(`broken: ${name}: ${message}`)
const checksFailed = checks === '0' ? 0 : 1
const failed = count('failed') + broken.length + checksFailed
const passed = count('passed') + (1 - checksFailed)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
