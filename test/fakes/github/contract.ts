// Holds requests and answers against GitHub's own API description.

import { readFileSync } from 'node:fs'

import { Ajv, type ValidateFunction } from 'ajv'
import { fullFormats } from 'ajv-formats/dist/formats.js'

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly properties?: Readonly<Record<string, unknown>> } | null
  readonly bodyRequired: boolean
  readonly responses: Readonly<Record<string, unknown>>
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: { readonly type?: string }
}

export interface Match {
  readonly operation: Operation
  readonly index: number
  readonly path: Readonly<Record<string, string>>
}

export interface RequestMade {
  readonly query: URLSearchParams
  readonly body: unknown
}

const file = new URL('openapi.json', import.meta.url)
const extract = JSON.parse(readFileSync(file, 'utf8')) as { readonly operations: readonly Operation[] }
const ajv = new Ajv({ strict: false, allErrors: true, formats: fullFormats })
ajv.addSchema(extract, 'github')

const patterns = extract.operations.map(
  ({ path }) => new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
)

/** The operation for a path below the API's base. A literal part wins over a parameter. */
export function match(method: string, pathname: string): Match | null {
  const found = extract.operations.flatMap((operation, index) => {
    const groups = patterns[index]?.exec(pathname)
    return groups && operation.method === method
      ? [{ operation, index, path: decoded(groups.groups ?? {}) }]
      : []
  })
  return found.sort((a, b) => Object.keys(a.path).length - Object.keys(b.path).length)[0] ?? null
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
}

/** What is wrong with a request; null: nothing. Unknown parameters and fields are wrong too. */
export function requestViolation(found: Match, { query, body }: RequestMade): string | null {
  const { operation } = found
  const known = new Set(
    operation.parameters.flatMap(({ in: place, name }) => (place === 'query' ? [name] : [])),
  )
  const stranger = [...query.keys()].find((name) => !known.has(name))
  if (stranger !== undefined) return `${operation.id}: unknown query parameter ${stranger}`
  for (const [index, parameter] of operation.parameters.entries()) {
    const value = parameter.in === 'path' ? found.path[parameter.name] : query.get(parameter.name)
    if (value == null && !parameter.required) continue
    const wrong = wrongIn(`operations/${found.index}/parameters/${index}/schema`, coerced(value, parameter))
    if (wrong !== null) return `${operation.id}: ${parameter.name} ${wrong}`
  }
  return bodyViolation(found, body)
}

function bodyViolation({ operation, index }: Match, body: unknown): string | null {
  if (body === undefined) return operation.bodyRequired ? `${operation.id}: the body is missing` : null
  if (operation.body === null) return `${operation.id}: takes no body`
  const wrong = wrongIn(`operations/${index}/body`, body)
  if (wrong !== null) return `${operation.id}: body ${wrong}`
  const known = Object.keys(operation.body.properties ?? {})
  const stranger = Object.keys(body as object).find((name) => !known.includes(name))
  return stranger === undefined ? null : `${operation.id}: unknown field ${stranger}`
}

/** What is wrong with an answer; null: nothing. Statuses the description leaves out carry the basic error. */
export function responseViolation({ operation, index }: Match, status: number, body: unknown): string | null {
  const described = operation.responses[String(status)]
  if (described === null || status === 304)
    return body === undefined ? null : `${operation.id} ${status}: answers with a body`
  const pointer = described === undefined ? 'schemas/basic-error' : `operations/${index}/responses/${status}`
  if (described === undefined && status < 400) return `${operation.id}: never answers ${status}`
  const wrong = wrongIn(pointer, body)
  return wrong === null ? null : `${operation.id} ${status}: ${wrong}`
}

function coerced(value: string | null | undefined, { schema }: Parameter): unknown {
  if (schema.type === 'integer' && /^-?\d{1,15}$/.test(value ?? '')) return Number(value)
  return schema.type === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value
}

function wrongIn(pointer: string, value: unknown): string | null {
  const validate = ajv.getSchema(`github#/${pointer}`) as ValidateFunction | undefined
  if (validate === undefined) throw new Error(`no schema at ${pointer}`)
  return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: 'it' })
}
