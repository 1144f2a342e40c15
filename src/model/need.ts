/**
 * What a column, a document or a filter has to know of a namespace. Columns declare their needs,
 * collect/ turns them into sources: nothing is read that nobody shows.
 */
export const NEEDS = [
  'members',
  'leader',
  'user',
  'command',
  'relatives',
  'nsid',
  'mounts',
  'holders',
  'container',
] as const
export type Need = (typeof NEEDS)[number]
