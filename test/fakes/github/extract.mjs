// Makes openapi.json, the part of GitHub's API description that the fake is held against.
//
// The source is the npm package @octokit/openapi (MIT, 385 MB unpacked), which is not a dependency. To make the
// extract again, for a newer version or with more operations:
//
//   cd "$(mktemp -d)" && npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-*.tgz
//   node <checkout>/test/fakes/github/extract.mjs package/generated/api.github.com.json
//
// What is kept: the operations below, the schemas they reach, and of these only what validates. OpenAPI 3.0's
// `nullable` becomes JSON Schema's `null`, so that Ajv reads the result as it is.

import { readFileSync, writeFileSync } from 'node:fs'

const operations = {
  '/user': ['get'],
  '/users/{username}': ['get'],
  '/rate_limit': ['get'],
  '/orgs/{org}/teams/{team_slug}/members': ['get'],
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/collaborators/{username}/permission': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}': ['get'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
  '/repos/{owner}/{repo}/issues': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/{issue_number}': ['get', 'patch'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments': ['get'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['get', 'patch', 'delete'],
}
const notValidating = new Set(['description', 'title', 'example', 'examples', 'deprecated', 'externalDocs'])

const [source] = process.argv.slice(2)
if (source === undefined) {
  console.error('usage: node extract.mjs <api.github.com.json of @octokit/openapi>')
  process.exit(2)
}
const whole = JSON.parse(readFileSync(source, 'utf8'))
const reached = {}

const extract = {
  note: `Extract of @octokit/openapi ${whole.info.version}, made by extract.mjs. Copyright (c) 2020 Octokit contributors, MIT licence: see LICENSE.openapi beside this file.`,
  operations: Object.entries(operations).flatMap(([path, methods]) =>
    methods.map((method) => operation(path, method)),
  ),
  schemas: reached,
}
writeFileSync(new URL('openapi.json', import.meta.url), `${JSON.stringify(extract, null, 1)}\n`)

function operation(path, method) {
  const found = whole.paths[path]?.[method]
  if (found === undefined) throw new Error(`${method} ${path} is not in ${source}`)
  const body = found.requestBody?.content?.['application/json']?.schema
  return {
    id: found.operationId,
    method: method.toUpperCase(),
    path,
    parameters: found.parameters.map(resolved).map(({ name, in: where, required, schema: its }) => ({
      name,
      in: where,
      required: required === true,
      schema: schema(its),
    })),
    body: body === undefined ? null : schema(body),
    bodyRequired: found.requestBody?.required === true,
    /** By status; null: an answer without a body. */
    responses: Object.fromEntries(
      Object.entries(found.responses).map(([status, response]) => {
        const content = resolved(response).content?.['application/json']?.schema
        return [status, content === undefined ? null : schema(content)]
      }),
    ),
  }
}

function resolved(object) {
  return object.$ref === undefined ? object : at(object.$ref)
}

function at(ref) {
  return ref
    .slice(2)
    .split('/')
    .reduce((part, name) => part[name], whole)
}

function schema(given) {
  if (given.$ref !== undefined) {
    const name = given.$ref.replace('#/components/schemas/', '')
    if (!(name in reached)) {
      reached[name] = null
      reached[name] = schema(at(given.$ref))
    }
    return { $ref: `#/schemas/${name}` }
  }
  const kept = {}
  for (const [keyword, value] of Object.entries(given)) {
    if (notValidating.has(keyword) || keyword === 'nullable' || keyword.startsWith('x-')) continue
    if (keyword === 'properties')
      kept.properties = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, schema(part)]))
    else if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object'))
      kept[keyword] = schema(value)
    else if (['anyOf', 'oneOf', 'allOf'].includes(keyword)) kept[keyword] = value.map(schema)
    else kept[keyword] = value
  }
  return given.nullable === true ? orNull(kept) : kept
}

function orNull(kept) {
  if (typeof kept.type !== 'string') return { anyOf: [kept, { type: 'null' }] }
  const type = [kept.type, 'null']
  return kept.enum === undefined ? { ...kept, type } : { ...kept, type, enum: [...kept.enum, null] }
}
