import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  type DescriptorProtoSchema,
  type EnumDescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt'
import protobuf from 'protobufjs'
import type { SchemaSource } from './define.ts'
import { isDescriptor, parseInto, rootOf } from './protobuf.ts'

type Message = MessageInitShape<typeof DescriptorProtoSchema>
type Enum = MessageInitShape<typeof EnumDescriptorProtoSchema>
type Field = MessageInitShape<typeof FieldDescriptorProtoSchema>

/** The file that has no name of its own, as clients know it. */
const FILE_NAME = 'default'

/**
 * A Protobuf schema as a file descriptor in base64, which is what deserialisers ask for: messages with their fields, maps
 * and oneofs, and enums. Options other than `packed`, `deprecated` and defaults, services and extensions are left out. A text
 * that refers to descriptors, and one in an edition, is given back as it is.
 */
export function protobufDescriptor(source: SchemaSource): string {
  const { schema, references } = source
  const isEdition = /^\s*edition\s*=/m.test(schema)
  if (isDescriptor(schema) || isEdition || references.some((each) => isDescriptor(each.schema))) return schema
  const root = rootOf(source)
  const own = new protobuf.Root()
  const { imports = [], package: packageName } = parseInto(own, schema)
  const top = packageName === undefined || packageName === null ? own : own.lookup(packageName)
  const file = create(FileDescriptorProtoSchema, {
    name: FILE_NAME,
    ...(packageName ? { package: packageName } : {}),
    dependency: [...imports],
    ...contents(top as protobuf.NamespaceBase, root),
    syntax: /^\s*syntax\s*=\s*["']proto3["']/m.test(schema) ? 'proto3' : 'proto2',
  })
  return Buffer.from(toBinary(FileDescriptorProtoSchema, file)).toString('base64')
}

/** Messages and enums of a file or message. Names are found in `root`, where all is resolved. */
function contents(
  { nestedArray }: protobuf.NamespaceBase,
  root: protobuf.Root,
): { readonly messageType: Message[]; readonly enumType: Enum[] } {
  const messages = nestedArray.filter((each) => each instanceof protobuf.Type)
  const enums = nestedArray.filter((each) => each instanceof protobuf.Enum)
  return { messageType: messages.map((each) => messageOf(each, root)), enumType: enums.map(enumOf) }
}

function messageOf(own: protobuf.Type, root: protobuf.Root): Message {
  const type = root.lookupType(own.fullName)
  const { messageType, enumType } = contents(own, root)
  // Synthetic oneofs, of fields that are `optional` in proto3, stand behind those that somebody wrote.
  const written = type.oneofsArray.filter(({ fieldsArray }) => !fieldsArray.some(isProto3Optional))
  const oneofs = [...written, ...type.oneofsArray.filter((each) => !written.includes(each))]
  const maps = type.fieldsArray.filter((field) => field instanceof protobuf.MapField)
  return {
    name: type.name,
    field: type.fieldsArray.map((field) => fieldOf(field, oneofs)),
    nestedType: [...messageType, ...maps.map(mapEntry)],
    enumType,
    oneofDecl: oneofs.map(({ name }) => ({ name })),
  }
}

function fieldOf(field: protobuf.Field, oneofs: readonly protobuf.OneOf[]): Field {
  const { name, id, repeated, required, partOf } = field
  const { REPEATED, REQUIRED, OPTIONAL } = FieldDescriptorProto_Label
  const isMap = field instanceof protobuf.MapField
  const kind = isMap
    ? { type: FieldDescriptorProto_Type.MESSAGE, typeName: `${field.parent!.fullName}.${entryName(field)}` }
    : kindOf(field)
  const { packed, deprecated, json_name: jsonName, default: defaultValue } = optionsOf(field)
  const options = {
    ...(typeof packed === 'boolean' && repeated ? { packed } : {}),
    ...(deprecated === true ? { deprecated } : {}),
  }
  return {
    name,
    jsonName: typeof jsonName === 'string' ? jsonName : jsonNameOf(name),
    number: id,
    label: repeated || isMap ? REPEATED : required ? REQUIRED : OPTIONAL,
    ...kind,
    ...(partOf ? { oneofIndex: oneofs.indexOf(partOf) } : {}),
    ...(isProto3Optional(field) ? { proto3Optional: true } : {}),
    ...(defaultValue === undefined ? {} : { defaultValue: String(defaultValue) }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  }
}

/** The message that a map's entries are; its name follows from the field's. */
function mapEntry(field: protobuf.MapField): Message {
  const label = FieldDescriptorProto_Label.OPTIONAL
  return {
    name: entryName(field),
    field: [
      { name: 'key', jsonName: 'key', number: 1, label, type: scalarType(field.keyType) },
      { name: 'value', jsonName: 'value', number: 2, label, ...kindOf(field) },
    ],
    options: { mapEntry: true },
  }
}

function entryName({ name }: { readonly name: string }): string {
  const words = name.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
  return `${words.join('')}Entry`
}

function kindOf({
  resolvedType,
  type,
}: Pick<protobuf.Field, 'resolvedType' | 'type'>): Pick<Field, 'type' | 'typeName'> {
  if (resolvedType === null) return { type: scalarType(type) }
  const { ENUM, MESSAGE } = FieldDescriptorProto_Type
  return { type: resolvedType instanceof protobuf.Enum ? ENUM : MESSAGE, typeName: resolvedType.fullName }
}

/** @example scalarType('int64') // FieldDescriptorProto_Type.INT64 */
function scalarType(name: string): FieldDescriptorProto_Type {
  return FieldDescriptorProto_Type[name.toUpperCase() as keyof typeof FieldDescriptorProto_Type]
}

function isProto3Optional(field: protobuf.Field): boolean {
  return optionsOf(field).proto3_optional === true
}

function optionsOf({ options }: protobuf.Field): Readonly<Record<string, unknown>> {
  return options ?? {}
}

/** @example jsonNameOf('lines_by_sku') // 'linesBySku' */
function jsonNameOf(name: string): string {
  return name.replace(/_+([a-z0-9]?)/gi, (_match, letter: string) => letter.toUpperCase())
}

function enumOf({ name, values }: protobuf.Enum): Enum {
  const numbers = Object.values(values)
  return {
    name,
    value: Object.entries(values).map(([value, number]) => ({ name: value, number })),
    ...(new Set(numbers).size < numbers.length ? { options: { allowAlias: true } } : {}),
  }
}
