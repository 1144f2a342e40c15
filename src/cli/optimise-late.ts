/** With fewer, little runs often enough to be optimised, and loading node:v8 costs more than it saves. */
const MANY = 2000

/**
 * Where many processes are to be read, lets V8 optimise only what runs ten times as often as usual.
 *
 * The process ends before most optimised code has paid for its compilation, which takes the core that
 * the scan needs: see docs/decisions/0012.
 */
export function optimiseLate(processes: number): void {
  if (processes < MANY) return
  process.getBuiltinModule('node:v8').setFlagsFromString('--interrupt-budget=1500000')
}
