/** A value of a document in a few words; null is an empty cell. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(valueText).join(', ')
  const parts = Object.entries(value).flatMap(([name, inner]) => {
    const text = valueText(inner)
    return text === '-' || inner === false ? [] : [inner === true ? name : `${name} ${text}`]
  })
  return parts.length > 0 ? parts.join(', ') : '-'
}
