/** The context of subjects that name none. */
export const DEFAULT_CONTEXT = '.'
/** The scope of settings that hold for every subject. */
export const GLOBAL_SCOPE = ''

const QUALIFIED = /^:(\.[^:]*):(.*)$/su

/** @example splitSubject(':.staging:orders-value') // { context: '.staging', name: 'orders-value' } */
export function splitSubject(subject: string): { readonly context: string; readonly name: string } {
  const match = QUALIFIED.exec(subject)
  return match === null ? { context: DEFAULT_CONTEXT, name: subject } : { context: match[1]!, name: match[2]! }
}

/** One name for each subject: the default context is never written. */
export function joinSubject(context: string, name: string): string {
  return context === DEFAULT_CONTEXT ? name : `:${context}:${name}`
}

/** A subject as a request names it, in one spelling; under the path of a context, names without one belong to it. */
export function normalSubject(subject: string, context = DEFAULT_CONTEXT): string {
  const own = splitSubject(subject)
  if (!QUALIFIED.test(subject)) return joinSubject(context, subject)
  return joinSubject(own.context, own.name)
}

/** @example scopesOf(':.staging:orders-value') // [':.staging:orders-value', ':.staging:', ''] */
export function scopesOf(scope: string): readonly string[] {
  const { context, name } = splitSubject(scope)
  const outer = context === DEFAULT_CONTEXT ? [GLOBAL_SCOPE] : [joinSubject(context, ''), GLOBAL_SCOPE]
  return name === '' ? outer : [scope, ...outer]
}

/** Names with control characters, names of Confluent's own and empty ones are no subjects. */
export function isSubjectName(subject: string): boolean {
  const { name } = splitSubject(subject)
  return !/\p{Cc}/u.test(subject) && !['', '*', '__GLOBAL', '__EMPTY'].includes(name)
}
