import type { SchemaContent, SubjectConfig, SubjectSchema } from '../../registry/index.ts'

/** A version of a subject, as Confluent's registry shows it: members that hold nothing are left out. */
export function versionAnswer({ entry, schema }: SubjectSchema): object {
  return {
    subject: entry.subject,
    version: entry.version,
    id: schema.id,
    guid: schema.guid,
    ...contentMembers(schema),
    schema: schema.schema,
    ...(entry.deleted ? { deleted: true } : {}),
  }
}

/** A schema as it is found by its id or guid. */
export function schemaAnswer({ entry, schema }: SubjectSchema, maxId?: number): object {
  return {
    subject: entry.subject,
    version: entry.version,
    ...contentMembers(schema),
    schema: schema.schema,
    guid: schema.guid,
    ...(maxId === undefined ? {} : { maxId }),
  }
}

function contentMembers({ schemaType, references, metadata, ruleSet }: SchemaContent): object {
  return {
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
    ...(metadata === null ? {} : { metadata }),
    ...(ruleSet === null ? {} : { ruleSet }),
  }
}

/** What was written into a configuration: the level is called `compatibility` there, and `compatibilityLevel` on reading. */
export function updatedConfigAnswer({ compatibilityLevel, ...rest }: SubjectConfig): object {
  return { ...rest, ...(compatibilityLevel === undefined ? {} : { compatibility: compatibilityLevel }) }
}
