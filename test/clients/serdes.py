"""Confluent's Python serialisers, unchanged, with what contracts ask of them.

Migrations between versions, rules on reading, moments in Avro, change events, actions. The second argument is a file of
records as they were written, and what Covenant makes of them. Prints each step that holds; the first that does not ends
the process with an error.
"""

import base64
import io
import json
import struct
import sys
from datetime import date, datetime, time, timezone

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor
from confluent_kafka.schema_registry.rules.dlq.dlq_action import DlqAction
from confluent_kafka.schema_registry.rules.jsonata.jsonata_executor import JsonataExecutor
from confluent_kafka.schema_registry.serde import RuleConditionError
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

CelExecutor.register()
JsonataExecutor.register()
DlqAction.register()
client = SchemaRegistryClient({"url": sys.argv[1]})
USE_LATEST = {"auto.register.schemas": False, "use.latest.version": True}
READ_LATEST = {"use.latest.version": True}


def of_major(version):
    return {"use.latest.version": False, "use.latest.with.metadata": {"major_version": version}}


def done(name):
    print(name, flush=True)


def fails(action, *words):
    try:
        action()
    except (SerializationError, RuleConditionError) as error:
        text = f"{error} {error.__cause__}"
        assert any(word in text for word in words), text
        return
    raise AssertionError(f"expected one of {words}")


def value_of(topic):
    return SerializationContext(topic, MessageField.VALUE)


def framed(subject, value):
    """A record as any producer may write it, whose rules nobody asked: magic byte, id, value."""
    return struct.pack(">bI", 0, client.get_latest_version(subject).schema_id) + value


writer = JSONSerializer(None, client, conf={"auto.register.schemas": False, **of_major("1")})
reader = JSONDeserializer(None, schema_registry_client=client, conf=of_major("2"))
with open(sys.argv[2], encoding="utf-8") as file:
    cases = json.load(file)
for case in cases:
    read = reader(writer(case["written"], value_of("orders")), value_of("orders"))
    assert read == case["upcast"], (read, case)
assert len(cases) == 3
done("reads what was written under version 1 as version 2, as Covenant itself does")

writer = JSONSerializer(None, client, conf=USE_LATEST)
writer({"id": "d", "price": {"amount": 1.5, "currency": "EUR"}}, value_of("orders"))
fails(lambda: writer({"id": "d", "cents": 150}, value_of("orders")), "required", "price")
done("writes under version 2 only what fits version 2")

trip = {
    "id": "t",
    "at": datetime(2026, 3, 1, 11, 0, 0, 123456, tzinfo=timezone.utc),
    "day": date(2026, 3, 1),
    "opens": time(9, 30),
    "fare": 12.34,
    "until": None,
}
writer = AvroSerializer(client, conf=USE_LATEST)
reader = AvroDeserializer(client, conf=READ_LATEST)
for each in (trip, {**trip, "at": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc), "fare": 0.1 + 0.2, "until": trip["at"]}):
    assert reader(writer(each, value_of("trips")), value_of("trips")) == each
done("keeps moments to the microsecond and fractions in Avro")

schema = fastavro.parse_schema(json.loads(client.get_latest_version("trips-value").schema.schema_str))
buffer = io.BytesIO()
fastavro.schemaless_writer(buffer, schema, {**trip, "fare": -1.0})
fails(lambda: reader(framed("trips-value", buffer.getvalue()), value_of("trips")), "sound", "fare")
done("refuses on reading what a rule for writing and reading refuses")

for topic, serializer, deserializer in (
    ("accounts", JSONSerializer(None, client, conf=USE_LATEST), JSONDeserializer(None, schema_registry_client=client, conf=READ_LATEST)),
    ("accounts-avro", AvroSerializer(client, conf=USE_LATEST), AvroDeserializer(client, conf=READ_LATEST)),
):
    for event in ({"op": "c", "after": {"id": "a", "balance": 1.5}}, {"op": "d", "after": None}):
        assert deserializer(serializer(event, value_of(topic)), value_of(topic)) == event
    broken = {"op": "u", "after": {"id": "a", "balance": -1.0}}
    fails(lambda: serializer(broken, value_of(topic)), "sound", "balance")
    done(f"writes and reads change events: {topic}")


class Sent:
    """Takes what the action would produce, as a producer of the user's own would."""

    def __init__(self):
        self.records = []

    def produce(self, topic, key=None, value=None, headers=None, on_delivery=None):
        self.records.append((topic, value, dict(headers)))

    def poll(self, _timeout):
        return 0

    def flush(self):
        return 0


sent = Sent()
writer = JSONSerializer(None, client, conf=USE_LATEST, rule_conf={"producer": sent})
writer({"id": "a", "level": 9}, value_of("alerts"))
assert sent.records == []
fails(lambda: writer({"id": "a", "level": 10}, value_of("alerts")), "sound")
reader = JSONDeserializer(None, schema_registry_client=client, conf=READ_LATEST, rule_conf={"producer": sent})
foreign = framed("alerts-value", b'{"id":"a","level":10}')
fails(lambda: reader(foreign, value_of("alerts")), "sound")
assert [(topic, headers["__rule.name"]) for topic, _, headers in sent.records] == [("alerts.dlq", b"sound")] * 2, sent.records
assert json.loads(sent.records[0][1]) == {"id": "a", "level": 10}
assert sent.records[1][1] == foreign
done("sends what a rule refuses to the dead letter topic of the contract")

text = client.get_version("parcels-value", 1, fmt="serialized").schema.schema_str
pool = DescriptorPool()
pool.Add(FileDescriptorProto.FromString(base64.b64decode(text)))
Parcel = GetMessageClass(pool.FindMessageTypeByName("post.Parcel"))
writer = ProtobufSerializer(Parcel, client, conf={**USE_LATEST, "use.deprecated.format": False})
reader = ProtobufDeserializer(Parcel, {"use.deprecated.format": False}, client)
parcel = Parcel(id="p", weight=0.0, kind=1)
parcel.items["pen"].count = 3
assert reader(writer(parcel, value_of("parcels")), value_of("parcels")) == parcel
assert parcel.HasField("weight")
done("writes and reads Protobuf by the descriptor that the registry makes of the text")
