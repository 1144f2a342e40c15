/** cli-table3's frame in ASCII, for a locale without its line-drawing characters. */
export const ASCII_FRAME: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    '-': ['top', 'bottom', 'mid'],
    '+': [
      ...['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'],
      ...['left-mid', 'mid-mid', 'right-mid'],
    ],
    '|': ['left', 'right', 'middle'],
  }).flatMap(([character, places]) => places.map((place) => [place, character])),
)

/** What the frame takes of each column: two blanks and a line. */
export const FRAME = 3
