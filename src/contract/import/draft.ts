import { Document, isMap } from 'yaml'
import type { Json, JsonObject } from '../../kernel/index.ts'

/** Something of the source that the draft does not say, or says in another way: for a person to decide. */
export interface ImportNote {
  /** Where in the source, e.g. `address.zip`; empty for the whole. */
  readonly path: string
  readonly message: string
}

/** One schema object read from another format: the beginnings of a contract. */
export interface Draft {
  readonly name: string
  readonly description: string | null
  /** ODCS properties, in the order of the source. */
  readonly properties: readonly JsonObject[]
  /** ODCS quality rules of the object. */
  readonly quality?: readonly JsonObject[]
  /** ODCS relationships of the object. */
  readonly relationships?: readonly JsonObject[]
  /** Value of `covenant.stream`. */
  readonly stream?: JsonObject
  /** What was seen of each property, in their order: comments of the draft. */
  readonly evidence?: readonly string[]
  readonly notes: readonly ImportNote[]
}

export interface DraftOptions {
  /** Topic name and contract id; the draft's own name unless told. */
  readonly topic?: string
}

/**
 * The draft as an ODCS 3.2 document in YAML. Its status is `draft`: somebody has to read it, name an owner and approve it.
 *
 * @example writeDraft(importJsonSchema(text)) // 'apiVersion: v3.2.0\nkind: DataContract\n…'
 */
export function writeDraft(draft: Draft, options: DraftOptions = {}): string {
  const document = new Document(draftDocument(draft, options), { aliasDuplicateObjects: false })
  draft.evidence?.forEach((seen, index) => {
    const property = document.getIn(['schema', 0, 'properties', index], true)
    if (isMap(property)) property.commentBefore = ` ${seen}`
  })
  return document.toString({ lineWidth: 0 })
}

function draftDocument(draft: Draft, { topic = topicName(draft.name) }: DraftOptions = {}): JsonObject {
  return compact({
    apiVersion: 'v3.2.0',
    kind: 'DataContract',
    id: topic,
    name: topic,
    version: '0.1.0',
    status: 'draft',
    description: draft.description === null ? null : { purpose: draft.description },
    schema: [
      compact({
        name: objectName(draft.name),
        physicalName: topic,
        physicalType: 'topic',
        logicalType: 'object',
        customProperties: draft.stream === undefined ? null : [{ property: 'covenant.stream', value: draft.stream }],
        quality: draft.quality ?? null,
        relationships: draft.relationships ?? null,
        properties: draft.properties,
      }),
    ],
  })
}

/** Without members that say nothing: null, and empty lists and mappings. */
export function compact(object: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, Json] => {
      const value = entry[1]
      if (value === undefined || value === null) return false
      return typeof value !== 'object' || (Array.isArray(value) ? value : Object.keys(value)).length > 0
    }),
  )
}

/** A name as a topic: what a topic cannot hold becomes a hyphen. */
function topicName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '')
  return (plain === '' ? 'draft' : plain).replace(/\.(raw|validated|dlq)$/, '')
}

/** The name of the schema object that a draft of this name gets. */
export function objectName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '')
  return plain === '' ? 'records' : plain
}
