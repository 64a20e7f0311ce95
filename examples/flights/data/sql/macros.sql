-- ISO 8601 in UTC, as all times are written in events.
CREATE MACRO iso(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%SZ');

-- A struct as a JSON object without the members that are missing.
CREATE MACRO json_of(members) AS json_merge_patch('{}', to_json(members));

-- The moment (UTC) at which clocks in a time zone show `clock` (HHMM) on the day that begins at the local `midnight`.
CREATE MACRO local_moment(tzone, midnight, clock) AS
  timezone(tzone, midnight + to_minutes(clock // 100 * 60 + clock % 100))::TIMESTAMP
