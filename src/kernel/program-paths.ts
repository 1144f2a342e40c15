/** Where programs are, whatever the caller's PATH says of its own files. */
export const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What nsx-exec takes where the environment has no PATH. */
const NO_PATH = '/usr/local/bin:/usr/bin:/bin'

/**
 * The places where a program is looked for, as execvp(3) does.
 *
 * @param path of the environment of the program; null: it has none
 * @returns none where the working directory, or bytes beyond ASCII, are part of it
 */
export function programPaths(file: string, path: string | null): string[] {
  const paths = file.includes('/')
    ? [file]
    : (path ?? NO_PATH).split(':').map((folder) => (folder === '' ? file : `${folder}/${file}`))
  return file !== '' && paths.every((each) => /^\/[\x20-\x7e]*$/.test(each)) ? paths : []
}
