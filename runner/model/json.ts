// JSON values and schemas, as they cross every border of the program.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** A JSON Schema (draft 2020-12 subset that Ajv compiles). */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}
