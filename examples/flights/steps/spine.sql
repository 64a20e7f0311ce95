-- Every flight whose delay is known when the run starts, at the moment q it was (or would have been) scored.
SELECT * FROM warehouse.main.labelled_flights WHERE label_known_at < $as_of
