/** Checks the format of all C and C++ sources that git knows of or would add. */
import { execFileSync, spawnSync } from 'node:child_process'

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.c', '*.cc', '*.h'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean)
const { status, error } = spawnSync('clang-format', ['--dry-run', '--Werror', ...files], {
  stdio: 'inherit',
})
if (error) console.error('clang-format is missing: apt-get install clang-format')
process.exitCode = status ?? 1
