/** What a security module calls the confinement of a task. */
export interface SecurityLabel {
  readonly module: 'apparmor' | 'selinux'
  /** A profile, `docker-default`; or a context, `system_u:system_r:container_t:s0:c1,c2`. */
  readonly name: string
}

/** Parses /proc/PID/attr/apparmor/current: a profile and its mode; null: it is not confined. */
export function parseProfile(text: string): SecurityLabel | null {
  const name = text.replace(/[\n\0]+$/, '').replace(/ \([a-z]+\)$/, '')
  return name === '' || name === 'unconfined' ? null : { module: 'apparmor', name }
}

/** Parses the context in /proc/PID/attr/current; null: it is no context of SELinux. */
export function parseContext(text: string): SecurityLabel | null {
  const name = text.replace(/[\n\0]+$/, '')
  return /^[^:]+:[^:]+:[^:]+(?::|$)/.test(name) ? { module: 'selinux', name } : null
}
