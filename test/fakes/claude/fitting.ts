// A value that fits a JSON Schema: what the stub answers when nobody says otherwise.

export type Schema = Readonly<Record<string, unknown>>

export const exampleOfFormat: Readonly<Record<string, string>> = {
  'date-time': '2026-11-22T09:00:00Z',
  date: '2026-11-22',
  time: '09:00:00Z',
  duration: 'PT1H',
  email: 'someone@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '01890000-0000-7000-8000-000000000000',
}
/** A value that fits: the first of every choice, every required property, nothing optional. Always the same. */
export function fitting(schema: unknown, root: Schema = isSchema(schema) ? schema : {}): unknown {
  if (!isSchema(schema)) return null
  if (schema['const'] !== undefined) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if (typeof schema['$ref'] === 'string') return fitting(referred(root, schema['$ref']), root)
  if (Array.isArray(schema['anyOf'])) return fitting(schema['anyOf'][0], root)
  if (Array.isArray(schema['allOf']))
    return Object.assign({}, ...schema['allOf'].map((part) => fitting(part, root)))
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  if (type === 'object') return fittingObject(schema, root)
  if (type === 'array') return schema['minItems'] === 1 ? [fitting(schema['items'], root)] : []
  if (type === 'string') return fittingString(schema)
  if (type === 'integer' || type === 'number') return 0
  if (type === 'boolean') return false
  return null
}

function fittingObject(schema: Schema, root: Schema): Record<string, unknown> {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  return Object.fromEntries(required.map((name) => [name, fitting(properties[name], root)]))
}

function fittingString(schema: Schema): string {
  const { format, pattern } = schema
  if (typeof format === 'string') return exampleOfFormat[format] ?? 'text'
  if (typeof pattern !== 'string') return 'text'
  const found = ['text', 'TEXT', 'a', 'A', '0', '1', '12', '123', '2026-11-22', ''].find((text) =>
    new RegExp(pattern, 'u').test(text),
  )
  if (found === undefined) throw new Error(`no value at hand for the pattern ${pattern}: give an answer`)
  return found
}

export function referred(root: Schema, ref: string): unknown {
  let at: unknown = root
  for (const name of ref.slice(2).split('/')) at = isSchema(at) ? at[name] : undefined
  return at
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
