import { type Document, isMap, isScalar, isSeq, type Node, type Pair, Scalar, YAMLMap } from 'yaml'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts'

/**
 * Makes a YAML tree hold `target`, and changes no more of it than that takes: what stays keeps its comments, its blank
 * lines and the way it is written.
 *
 * @returns The node to stand where `node` stood.
 */
export function patch(document: Document, node: unknown, target: Json): Node {
  if (isScalar(node) && node.value === target) return node
  if (isScalar(node) && typeof target !== 'object') {
    const scalar = new Scalar(target)
    Object.assign(scalar, { comment: node.comment, commentBefore: node.commentBefore, spaceBefore: node.spaceBefore })
    return scalar
  }
  if (isMap(node) && isJsonObject(target)) return patchMap(document, node as YAMLMap, target)
  if (isSeq(node) && Array.isArray(target) && node.items.length === target.length) {
    node.items = node.items.map((item, index) => patch(document, item, target[index] as Json))
    return node
  }
  return isSeq(node) && isJsonObject(target) ? wrap(document, node, target) : document.createNode(target)
}

function patchMap(document: Document, map: YAMLMap, target: JsonObject): Node {
  const added = Object.keys(target).filter((key) => !map.has(key))
  const kept: Pair[] = []
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : ''
    // A key that gives way to another hands over its place and its comments.
    const name = Object.hasOwn(target, key) ? key : added.shift()
    if (name === undefined) continue
    if (isScalar(pair.key)) pair.key.value = name
    pair.value = patch(document, pair.value, target[name]!)
    kept.push(pair)
  }
  map.items = kept
  for (const key of added) map.items.push(document.createPair(key, target[key]!))
  return map
}

/** A list that becomes a mapping with one member, which is the list. */
function wrap(document: Document, list: Node, target: JsonObject): Node {
  const [[key, value] = ['', null], ...others] = Object.entries(target)
  if (others.length > 0 || !Array.isArray(value)) return document.createNode(target)
  const map = new YAMLMap()
  map.items.push(document.createPair(key, null))
  map.items[0]!.value = patch(document, list, value as Json)
  return map
}
