-- What follows the beginning of a mail that came larger than the limit for reading: fetched in parts, so
-- that no large mail has to fit into memory, and kept like the beginning, unchanged. With the
-- last part `messages.digest` becomes that of the whole mail.
CREATE TABLE message_rests (
    message     INTEGER NOT NULL REFERENCES messages (id),
    -- bytes from the beginning of the mail
    start       INTEGER NOT NULL,
    raw         BLOB NOT NULL,
    PRIMARY KEY (message, start)
) STRICT;

CREATE TRIGGER message_rests_keep_bytes BEFORE UPDATE ON message_rests
BEGIN SELECT RAISE(ABORT, 'a mail is kept as it came: its bytes are never changed'); END;
