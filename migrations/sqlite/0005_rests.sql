-- What follows the beginning of a large mail, in parts, so that no call holds it at once; unchanged like the
-- beginning. One larger than the limit for reading is also fetched in parts, and with the last of them
-- `messages.digest` becomes that of the whole mail.
CREATE TABLE message_rests (
    message     INTEGER NOT NULL REFERENCES messages (id),
    -- bytes from the beginning of the mail
    start       INTEGER NOT NULL,
    raw         BLOB NOT NULL,
    PRIMARY KEY (message, start)
) STRICT;

CREATE TRIGGER message_rests_keep_bytes BEFORE UPDATE ON message_rests
BEGIN SELECT RAISE(ABORT, 'a mail is kept as it came: its bytes are never changed'); END;
