/**
 * Topics of a contract. The contract names the topic without suffix (`flights.arrived`); producers append to its raw
 * topic, validation moves each record on to the validated or to the dead letter topic.
 */
const RAW = '.raw'
const VALIDATED = '.validated'
const DEAD_LETTER = '.dlq'
const ACTIVATIONS = '.activations'
const RULES = '.rules'

/** @example rawTopic('flights.arrived') // 'flights.arrived.raw' */
export function rawTopic(topic: string): string {
  return topic + RAW
}

/** @example validatedTopic('flights.arrived') // 'flights.arrived.validated' */
export function validatedTopic(topic: string): string {
  return topic + VALIDATED
}

/** @example deadLetterTopic('flights.arrived') // 'flights.arrived.dlq' */
export function deadLetterTopic(topic: string): string {
  return topic + DEAD_LETTER
}

/**
 * Where validation records from which raw offset on each contract version holds. Created with a topic's second version.
 *
 * @example activationsTopic('flights.arrived') // 'flights.arrived.activations'
 */
export function activationsTopic(topic: string): string {
  return topic + ACTIVATIONS
}

/**
 * Where validation counts what rules that are not enforced would have refused. Created where a contract has such rules.
 *
 * @example rulesTopic('flights.arrived') // 'flights.arrived.rules'
 */
export function rulesTopic(topic: string): string {
  return topic + RULES
}

/**
 * The contract topic that any topic with a suffix of Covenant belongs to; any other name is given back as it is.
 *
 * @example contractTopic('flights.arrived.dlq') // 'flights.arrived'
 */
export function contractTopic(name: string): string {
  const suffix = [RAW, VALIDATED, DEAD_LETTER, ACTIVATIONS, RULES].find((ending) => name.endsWith(ending))
  return suffix === undefined ? name : name.slice(0, -suffix.length)
}
