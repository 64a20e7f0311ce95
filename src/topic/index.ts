/** Topics: their names, records and log; producers; CloudEvents and JSON requests; database changes. */
export { type HttpHeaders, type ParsedCloudEvent, parseCloudEvent } from './cloud-events.ts'
export { type TopicCounts, topicCounts } from './counts.ts'
export {
  type Change,
  type ChangeEvent,
  type ChangeOperation,
  type ChangeSource,
  changeEvent,
  changeRecord,
  tombstone,
} from './debezium.ts'
export { endOffsets } from './end-offsets.ts'
export { HEADERS, offsetOf, recordSource } from './headers.ts'
export { itemSlices } from './json-slices.ts'
export { activationsTopic, contractTopic, deadLetterTopic, rawTopic, rulesTopic, validatedTopic } from './names.ts'
export type {
  Headers,
  HopTransaction,
  NewRecord,
  ProducerSequence,
  TopicInfo,
  TopicLog,
  TopicRecord,
} from './ports.ts'
export { Producer, type ProducerOptions, type SendOptions } from './producer.ts'
export { recordKey } from './record-key.ts'
export { eventsOfRequest, type ProduceRequest, type RequestEvents } from './request.ts'
