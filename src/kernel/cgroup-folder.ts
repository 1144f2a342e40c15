/** The directory of a cgroup, by a path from where its hierarchy is mounted; slashes around it do not matter. */
export function cgroupFolder(mountPoint: string, path: string): string {
  const [folder, rest] = [mountPoint.replace(/\/+$/, ''), path.replace(/^\/+|\/+$/g, '')]
  return rest === '' ? folder : `${folder}/${rest}`
}
