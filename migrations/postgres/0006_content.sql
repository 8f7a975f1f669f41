-- One index where two had the same order, which is that of chance: each mail touched a page of both. A
-- mail's content is looked up by it, and what a person wrote is filed once; whatever else stands under its own number.
DROP INDEX messages_filed_once;
DROP INDEX messages_content;
CREATE UNIQUE INDEX messages_content ON messages (
    content,
    (CASE WHEN disposition = 'filed' AND origin = 'human' AND message_id IS NOT NULL THEN message_id
          ELSE ' ' || CAST(id AS TEXT) END)
) WHERE content IS NOT NULL AND disposition <> 'duplicate';
