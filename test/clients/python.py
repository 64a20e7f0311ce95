"""Confluent's Python client, unchanged, against the registry at the address that is given.

The second argument is a file of rules as clients get them, records, and whether each rule refuses each record.

Prints each step that holds; the first that does not ends the process with an error.
"""

import json
import sys

from confluent_kafka.schema_registry import ConfigCompatibilityLevel, Schema, SchemaReference, SchemaRegistryClient, ServerConfig
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor, msg_to_cel
from confluent_kafka.schema_registry.serde import RuleConditionError
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

CelExecutor.register()
client = SchemaRegistryClient({"url": sys.argv[1]})
USE_LATEST = {"auto.register.schemas": False, "use.latest.version": True}

CITY = {"type": "record", "name": "City", "fields": [{"name": "name", "type": "string"}]}
WITH_SIZE = {**CITY, "fields": CITY["fields"] + [{"name": "size", "type": ["null", "int"], "default": None}]}
WITH_MAYOR = {**CITY, "fields": CITY["fields"] + [{"name": "mayor", "type": "string"}]}
READING = {"station": "JFK", "at": "2026-03-01T11:00:00Z", "celsius": 4.5}


def done(name):
    print(name, flush=True)


def refused(action, status, error_code):
    try:
        action()
    except SchemaRegistryError as error:
        assert (error.http_status_code, error.error_code) == (status, error_code), error
        return str(error)
    raise AssertionError(f"expected {error_code}")


def fails(action, *words):
    try:
        action()
    except (SerializationError, RuleConditionError) as error:
        text = f"{error} {error.__cause__}"
        assert any(word in text for word in words), text
        return
    raise AssertionError(f"expected one of {words}")


def avro(schema, references=None):
    return Schema(json.dumps(schema), "AVRO", references or [])


def value_of(topic):
    return SerializationContext(topic, MessageField.VALUE)


first = client.register_schema("cities-value", avro(CITY))
assert client.register_schema("cities-value", avro(CITY)) == first
assert json.loads(client.get_schema(first).schema_str) == CITY
assert json.loads(client.get_schema_by_guid(client.get_latest_version("cities-value").guid).schema_str) == CITY
assert client.lookup_schema("cities-value", avro(CITY)).version == 1
done("registers, looks up and fetches by id and guid")

assert client.test_compatibility("cities-value", avro(WITH_SIZE)) is True
assert client.test_compatibility("cities-value", avro(WITH_MAYOR)) is False
assert client.test_compatibility_all_versions("cities-value", avro(WITH_SIZE)) is True
client.register_schema("cities-value", avro(WITH_SIZE))
assert client.get_versions("cities-value") == [1, 2]
assert "mayor" in refused(lambda: client.register_schema("cities-value", avro(WITH_MAYOR)), 409, 40901)
refused(lambda: client.register_schema("cities-value", Schema('{"type":"nothing"}', "AVRO")), 422, 42201)
done("checks compatibility, and is refused what does not fit or is no schema")

visit = {"type": "record", "name": "Visit", "fields": [{"name": "city", "type": "City"}]}
visit_id = client.register_schema("visits-value", avro(visit, [SchemaReference("City", "cities-value", 2)]))
assert client.get_referenced_by("cities-value", 2) == [visit_id]
refused(lambda: client.delete_version("cities-value", 2), 422, 42206)
done("registers references, which hold what they refer to")

refused(lambda: client.get_compatibility("cities-value"), 404, 40408)
assert client.set_compatibility("cities-value", "FULL")["compatibility"] == "FULL"
assert client.get_compatibility("cities-value") == "FULL"
client.set_config("cities-value", ServerConfig(compatibility=ConfigCompatibilityLevel.NONE, compatibility_group="major"))
assert client.get_config("cities-value").compatibility_group == "major"
client.delete_config("cities-value")
refused(lambda: client.set_compatibility("cities-value", "SOMETIMES"), 422, 42203)
assert client.get_compatibility() == "BACKWARD"
done("sets, reads and deletes configuration")

assert client.get_global_mode() == "READWRITE"
refused(lambda: client.get_mode("cities-value"), 404, 40409)
assert client.update_mode("cities-value", "READONLY") == "READONLY"
refused(lambda: client.register_schema("cities-value", avro(WITH_MAYOR)), 422, 42205)
assert client.delete_mode("cities-value") == "READONLY"
done("sets, reads and deletes modes")

client.clear_latest_caches()
serializer = AvroSerializer(client, conf=USE_LATEST)
data = serializer({"name": "Paris", "size": 105}, value_of("cities"))
assert AvroDeserializer(client)(data, value_of("cities")) == {"name": "Paris", "size": 105}
done("serialises and deserialises Avro")

serializer = JSONSerializer(None, client, conf={**USE_LATEST, "validate": True})
data = serializer(READING, value_of("station.readings"))
assert JSONDeserializer(None, schema_registry_client=client)(data, value_of("station.readings")) == READING
fails(lambda: serializer({**READING, "celsius": 99}, value_of("station.readings")), "99")
done("serialises JSON with the schema of a contract, validated")

fails(lambda: serializer({**READING, "celsius": -60}, value_of("station.readings")), "no_deep_frost", "that cold")
serializer({**READING, "station": "VOSTOK", "celsius": -60}, value_of("station.readings"))
done("refuses a record that a contract's rule refuses")

serializer = AvroSerializer(client, conf=USE_LATEST)
payment = {"id": "p-2", "amount": 12.5, "note": None}
data = serializer(payment, value_of("payments"))
assert AvroDeserializer(client)(data, value_of("payments")) == payment
fails(lambda: serializer({**payment, "amount": -1.0}, value_of("payments")), "this.amount > 0.0")
done("serialises Avro with the schema of a contract, its rules included")

executor = CelExecutor()
with open(sys.argv[2], encoding="utf-8") as file:
    cases = json.load(file)
for case in cases:
    rule = case["expr"].removeprefix("true;")
    program = executor._env.program(executor._env.compile(rule), functions=executor._funcs)
    assert bool(program.evaluate({"message": msg_to_cel(case["message"])})) != case["refused"], case
assert len(cases) > 500
done("gives the verdicts of Covenant on the conformance cases and on random rules and records")

latest = client.get_latest_with_metadata("station.readings-value", {"major_version": "1"})
assert latest.schema.metadata.properties.properties["owner"] == "stations"
assert json.loads(latest.schema.schema_str)["properties"]["station"]["confluent:tags"] == ["public"]
message = refused(lambda: client.register_schema("station.readings-value", Schema("{}", "JSON")), 422, 42205)
assert "change the contract file" in message
assert client.register_schema("station.readings-value", Schema(latest.schema.schema_str, "JSON")) == latest.schema_id
done("reads a contract's metadata, and cannot change its subject")

assert "." in client.get_contexts()
assert set(client.get_schema_types()) == {"AVRO", "JSON", "PROTOBUF"}
assert client.delete_subject("visits-value") == [1]
assert client.delete_subject("visits-value", permanent=True) == [1]
assert client.delete_subject("cities-value") == [1, 2]
assert client.delete_subject("cities-value", permanent=True) == [1, 2]
refused(lambda: client.get_versions("cities-value"), 404, 40401)
done("deletes softly, then for good")
