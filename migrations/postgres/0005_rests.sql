-- What follows the beginning of a large mail, in parts, so that no call holds it at once; unchanged like the
-- beginning. One larger than the limit for reading is also fetched in parts, and with the last of them
-- `messages.digest` becomes that of the whole mail.
CREATE TABLE message_rests (
    message     BIGINT NOT NULL REFERENCES messages (id),
    -- bytes from the beginning of the mail
    start       BIGINT NOT NULL,
    raw         BYTEA NOT NULL,
    PRIMARY KEY (message, start)
);

CREATE TRIGGER message_rests_keep_bytes BEFORE UPDATE ON message_rests
    FOR EACH ROW EXECUTE FUNCTION refuse('a mail is kept as it came: its bytes are never changed');
