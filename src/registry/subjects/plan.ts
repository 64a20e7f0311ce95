import type {
  CompatibilityLevel,
  SchemaContent,
  SchemaRequest,
  SchemaSource,
  StoredSchema,
  SubjectChange,
  SubjectSchema,
  SubjectVersion,
} from './define.ts'
import { incompatibilities, normalText, storedText } from './formats.ts'
import { contentKey, guidOf } from './identity.ts'
import { isSubjectName, normalSubject, splitSubject } from './names.ts'
import { protobufDescriptor } from './protobuf-descriptor.ts'
import { refuse } from './refusal.ts'
import { answers, checkRuleSet, withDefaults } from './rules.ts'
import type { SubjectView } from './view.ts'

/** What a request is answered with, and what it changes. */
export interface Planned<Answer> {
  readonly answer: Answer
  /** `null` where nothing changes. */
  readonly change: SubjectChange | null
}

/** Registers a schema under a subject. The same schema again is answered with the version that is there. */
export function planRegistration(
  view: SubjectView,
  subject: string,
  request: SchemaRequest,
  options: { readonly normalize: boolean },
): Planned<SubjectSchema> {
  if (!isSubjectName(subject)) throw refuse.invalidSubject(subject)
  checkRuleSet(request.ruleSet)
  const found = findSchema(view, subject, request, options)
  const imported = view.modeInScope(subject) === 'IMPORT'
  if (found && !imported && (request.version === null || request.version === -1)) return { answer: found, change: null }
  refuseByMode(view, subject, request)
  const owner = view.ownerOf(subject)
  if (owner !== null) throw refuse.notPermitted(ownedBy(subject, owner))
  const config = view.configInScope(subject)
  const previous = view.versions(subject).at(-1)
  const content = contentOf(view, subject, request, options)
  const whole = { ...content, ...withDefaults(content, previous?.schema, config) }
  const same = view.versions(subject).findLast(({ schema }) => contentKey(schema) === contentKey(whole))
  if (same && !imported) return { answer: same, change: null }
  if (!imported) refuseMisfit(view, subject, whole)
  return addVersion(view, { subject, content: whole, request, contract: null })
}

/** What a contract version adds: its schema as the next version of its subject, whatever was there before. */
export function planContractVersion(
  view: SubjectView,
  {
    subject,
    content,
    contract,
  }: { readonly subject: string; readonly content: SchemaContent; readonly contract: string },
): Planned<SubjectSchema> {
  return addVersion(view, { subject, content, request: { id: null, version: null }, contract })
}

interface NewVersion {
  readonly subject: string
  readonly content: SchemaContent
  readonly request: Pick<SchemaRequest, 'id' | 'version'>
  readonly contract: string | null
}

function addVersion(view: SubjectView, { subject, content, request, contract }: NewVersion): Planned<SubjectSchema> {
  const next = (view.versions(subject, 'with').at(-1)?.entry.version ?? 0) + 1
  const imported = contract === null && view.modeInScope(subject) === 'IMPORT'
  if (!imported && request.version !== null && request.version > 0 && request.version !== next)
    throw refuse.invalidSchema('Version is not one more than previous version')
  const version = imported && request.version !== null && request.version > 0 ? request.version : next
  const { schema, isNew } = idFor(view, subject, content, request.id)
  const entry: SubjectVersion = { subject, version, schemaId: schema.id, deleted: false, contract }
  // A softly deleted version with the same schema comes back as the new one; it goes where nothing refers to it.
  const replaced = view
    .versions(subject, 'only')
    .map(({ entry: old }) => old)
    .filter((old) => old.schemaId === schema.id && view.referencedBy(subject, old.version, 'with').length === 0)
  return {
    answer: { entry, schema },
    change: {
      schemas: isNew ? [schema] : [],
      versions: [entry],
      removed: replaced.filter((old) => old.contract === null),
    },
  }
}

/** Equal content has one id; new content gets the next one, or in mode IMPORT the one that the request gives. */
function idFor(
  view: SubjectView,
  subject: string,
  content: SchemaContent,
  wantedId: number | null,
): { readonly schema: StoredSchema; readonly isNew: boolean } {
  const known = view.byKey(contentKey(content))
  if (wantedId === null || known?.id === wantedId)
    return known
      ? { schema: known, isNew: false }
      : { schema: { ...content, id: view.lastId + 1, guid: guidOf(content) }, isNew: true }
  if (known || view.schema(wantedId))
    throw refuse.notPermitted(
      `Overwrite new schema with id ${wantedId} in context ${splitSubject(subject).context} is not permitted.`,
    )
  return { schema: { ...content, id: wantedId, guid: guidOf(content) }, isNew: true }
}

/** The version of a subject that holds the schema of a request, newest first; `undefined` where none does. */
export function findSchema(
  view: SubjectView,
  subject: string,
  request: SchemaRequest,
  { normalize, deleted = 'without' }: { readonly normalize: boolean; readonly deleted?: 'with' | 'without' },
): SubjectSchema | undefined {
  const candidates = view.versions(subject, deleted)
  if (request.version === -1 && request.schema === '') return candidates.at(-1)
  const wanted = contentOf(view, subject, request, { normalize })
  const likely = candidates.filter(({ schema }) => answers(schema, wanted))
  const exact = likely.findLast(({ schema }) => schema.schema === wanted.schema)
  if (exact || likely.length === 0) return exact
  // The same schema in other layout: clients rewrite a schema's text, and contracts are compiled to it.
  const source = { schema: wanted.schema, references: sourcesOf(view, subject, wanted.references) }
  const normal = normalText(wanted.schemaType, source)
  return likely.findLast(
    ({ entry, schema }) => normalText(schema.schemaType, sourceOf(view, entry.subject, schema)) === normal,
  )
}

/** What a request's schema is stored as. */
function contentOf(
  view: SubjectView,
  subject: string,
  request: SchemaRequest,
  { normalize }: { readonly normalize: boolean },
): SchemaContent {
  const { schemaType, metadata, ruleSet } = request
  const references = request.references.map((each) => ({
    ...each,
    subject: normalSubject(each.subject, splitSubject(subject).context),
  }))
  const source = { schema: request.schema, references: sourcesOf(view, subject, references) }
  const text = storedText(schemaType, source)
  const isNormal = normalize || view.configInScope(subject).normalize === true
  return { schemaType, schema: isNormal ? normalText(schemaType, source) : text, references, metadata, ruleSet }
}

/** Throws what `isCompatible` finds, as `40901`. */
function refuseMisfit(view: SubjectView, subject: string, content: SchemaContent): void {
  const messages = misfits(view, subject, content, view.versions(subject))
  if (messages.length > 0) throw refuse.incompatible(subject, `[${messages.join(', ')}]`)
}

/** Why a schema does not fit earlier versions (oldest first) by the level of the subject; none where it does. */
export function misfits(
  view: SubjectView,
  subject: string,
  content: SchemaContent,
  earlier: readonly SubjectSchema[],
): readonly string[] {
  const { compatibilityLevel, compatibilityGroup } = view.configInScope(subject)
  const group = (each: SchemaContent) => compatibilityGroup && each.metadata?.properties?.[compatibilityGroup]
  const compared = earlier.filter(({ schema }) => group(schema) === group(content))
  const messages = [...otherTypes(content, compared, compatibilityLevel)]
  if (messages.length === 0)
    messages.push(
      ...incompatibilities(
        content.schemaType,
        sourceOf(view, subject, content),
        compared.map(({ entry, schema }) => ({ ...sourceOf(view, entry.subject, schema), version: entry.version })),
        compatibilityLevel,
      ),
    )
  return messages.length === 0 ? [] : [...messages, `{compatibility: '${compatibilityLevel}'}`]
}

function otherTypes(
  { schemaType }: SchemaContent,
  compared: readonly SubjectSchema[],
  level: CompatibilityLevel,
): readonly string[] {
  if (level === 'NONE') return []
  const looked = level.endsWith('_TRANSITIVE') ? compared : compared.slice(-1)
  return looked
    .filter(({ schema }) => schema.schemaType !== schemaType)
    .map(
      ({ entry, schema }) =>
        `{errorType:'FORMAT_CHANGED', description:'The schema is ${schemaType}, version ${entry.version} is ${schema.schemaType}', version:${entry.version}}`,
    )
}

/** What a request's schema would be, for a check of compatibility. */
export function candidateOf(
  view: SubjectView,
  subject: string,
  request: SchemaRequest,
  options: { readonly normalize: boolean },
): SchemaContent {
  const content = contentOf(view, subject, request, options)
  const previous = view.versions(subject).at(-1)
  return { ...content, ...withDefaults(content, previous?.schema, view.configInScope(subject)) }
}

/**
 * A version with its schema in the format that a client asks for: `serialized` gives Protobuf as a file descriptor in
 * base64. Formats that do not exist give the text, as Confluent's registry does.
 */
export function inFormat(view: SubjectView, found: SubjectSchema, format: string | undefined): SubjectSchema {
  const { entry, schema } = found
  if (format !== 'serialized' || schema.schemaType !== 'PROTOBUF') return found
  return { entry, schema: { ...schema, schema: protobufDescriptor(sourceOf(view, entry.subject, schema)) } }
}

function sourceOf(view: SubjectView, subject: string, { schema, references }: SchemaContent): SchemaSource {
  return { schema, references: sourcesOf(view, subject, references) }
}

/** The texts of references and of what they refer to, those that others build on first. Throws `42201`. */
function sourcesOf(
  view: SubjectView,
  subject: string,
  references: SchemaContent['references'],
  sources: Map<string, { name: string; schema: string }> = new Map(),
): SchemaSource['references'] {
  for (const { name, subject: named, version } of references) {
    const found = view.version(named, version, 'with')
    const key = `${name}\u0000${named}\u0000${version}`
    if (!found)
      throw refuse.invalidSchema(
        `Invalid schema of subject ${subject}, details: No schema reference found for subject "${named}" and version ${version}`,
      )
    if (sources.has(key)) continue
    sourcesOf(view, named, found.schema.references, sources)
    sources.set(key, { name, schema: found.schema.schema })
  }
  return [...sources.values()]
}

/** Throws `42205` where the mode of the subject does not allow writing. */
export function refuseByMode(view: SubjectView, subject: string, request?: Pick<SchemaRequest, 'id'>): void {
  const mode = view.modeInScope(subject)
  const { context } = splitSubject(subject)
  const words = (which: string) => refuse.notPermitted(`Subject ${subject} in context ${context} is ${which}`)
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') throw words('in read-only mode')
  if (request && request.id !== null && mode !== 'IMPORT') throw words('not in import mode')
  if (request && request.id === null && mode === 'IMPORT') throw words('not in read-write mode')
}

/** Why clients cannot change a subject that a contract owns, and how it is changed. */
export function ownedBy(subject: string, owner: string): string {
  return `Subject ${subject} belongs to the contract ${owner}, whose truth is in git: change the contract file, give it a higher version, and apply it (covenant apply).`
}
