import type { Json, JsonObject } from '../../../kernel/index.ts'

/** Drafts that differ in what their keywords mean; draft 6 is read as 7, which only adds to it. */
export type Draft = 'draft-04' | 'draft-07' | '2019-09' | '2020-12'

/** A schema, or a part of one. */
export type Schema = boolean | JsonObject

/** A schema that was read: all its references lead somewhere, and its own validator stands ready. */
export interface JsonSchemaDocument {
  readonly draft: Draft
  readonly root: Schema
  /** Equal for schemas that are the same, references and all. */
  readonly text: string
  /** The schema that a reference in `from` leads to. */
  resolve(from: JsonObject, reference: string): Schema
  /** What an independent validator (ajv) has against an instance; `null` where it cannot say, `[]` for a valid one. */
  errors(instance: Json): readonly SchemaError[] | null
}

/** One reason for which an instance is invalid. */
export interface SchemaError {
  readonly keyword: string
  /** JSON pointer into the instance. */
  readonly instancePath: string
  /** Pointer into the schema, as ajv writes it: `#/properties/age/maximum`. */
  readonly schemaPath: string
  readonly message: string
  /** What the keyword says. */
  readonly expected: unknown
  readonly parameters: Readonly<Record<string, unknown>>
}

/** A schema that others refer to by its name or its id. */
export interface NamedSchema {
  readonly name: string
  readonly schema: Json
}

/** Where neither a proof nor an instance tells whether two schemas fit. */
export interface UndecidedPlace {
  /** JSON pointer into the instance; `*` stands for any item or other member. */
  readonly path: string
  /** Pointer to what was not shown. */
  readonly schemaPath: string
  readonly keyword: string
  readonly message: string
}
