import type { Container } from './container.ts'

export function containerLabel(container: Container): string {
  const own = `${container.family}:${container.name ?? container.id?.slice(0, 12) ?? '?'}`
  return container.outer ? `${containerLabel(container.outer)}/${own}` : own
}
