-- What always holds in a store, one query a line: its name, a colon, and a query that finds rows only where it does not
-- hold. Read by tests/lib/invariants.py and tests/fault/check.c (reliability.md section 5, I4 and I5).
a story counts its items: SELECT id FROM story WHERE n_items <> (SELECT count(*) FROM item WHERE story_id = story.id)
no story is empty: SELECT id FROM story WHERE n_items < 1
no item is told twice: SELECT source_id FROM item GROUP BY source_id, key HAVING count(*) > 1
an item was announced once: SELECT id FROM item WHERE (SELECT count(*) FROM event WHERE item_id = item.id AND type = 0) <> 1
a host counts its claims: SELECT id FROM host WHERE claims <> (SELECT count(*) FROM claim c JOIN schedule s USING (source_id) WHERE s.host_id = host.id)
no claim is of a retired source: SELECT c.source_id FROM claim c LEFT JOIN source s ON s.id = c.source_id WHERE s.retired IS NOT 0
an unclaimed host with a due source is ready: SELECT id FROM host WHERE claims = 0 AND ready_ms IS NULL AND EXISTS (SELECT 1 FROM schedule WHERE host_id = host.id)
a source has a schedule, and waits for a turn unless it is retired: SELECT id FROM source WHERE (SELECT host_id IS NULL FROM schedule WHERE source_id = id) IS NOT retired
no cursor is ahead of the log: SELECT name FROM webhook WHERE cursor > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)
no delivery is ahead of its cursor: SELECT id FROM delivery WHERE seq > (SELECT cursor FROM webhook WHERE name = delivery.webhook)
a source counts its items: SELECT id FROM source WHERE n_items <> (SELECT count(*) FROM item_key WHERE source_id = source.id)
an item is found by its key: SELECT id FROM item WHERE id IS NOT (SELECT item_id FROM item_key k WHERE k.source_id = item.source_id AND k.key = item.key)
no key is without its item: SELECT item_id FROM item_key WHERE item_id NOT IN (SELECT id FROM item)
no text is without its item: SELECT id FROM item_text WHERE id / 2 NOT IN (SELECT id FROM item)
an item has its text: SELECT id FROM item WHERE body_bytes > 0 AND NOT EXISTS (SELECT 1 FROM item_text WHERE item_text.id / 2 = item.id)
