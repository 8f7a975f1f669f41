-- The desk's whole memory. Instants are UTC text of fixed width, so that text order is time order;
-- digests are hexadecimal; JSON is text. The PostgreSQL file of the same name makes the same tables.

CREATE TABLE cases (
    -- year * 1,000,000 + serial; 0 is the desk itself
    number      INTEGER PRIMARY KEY,
    state       TEXT NOT NULL,
    stage       INTEGER NOT NULL,
    -- journal entries so far: the lock of a change
    seq         INTEGER NOT NULL CHECK (seq > 0),
    -- hash of the last journal entry
    head_hash   TEXT NOT NULL,
    -- the fold of the journal
    body        TEXT NOT NULL
) STRICT;

CREATE INDEX cases_state ON cases (state);

CREATE TABLE journal (
    case_id     INTEGER NOT NULL REFERENCES cases (number),
    seq         INTEGER NOT NULL,
    at          TEXT NOT NULL,
    actor       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    prev_hash   TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journal_keeps_entries BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: entries are never deleted'); END;

CREATE TRIGGER journal_keeps_words BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: entries are never changed'); END;

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    validity    INTEGER NOT NULL,
    uid         TEXT NOT NULL,
    -- of the bytes kept
    digest      TEXT NOT NULL,
    received_at TEXT NOT NULL,
    -- on the server, and here: fewer where only the first part was fetched
    bytes       INTEGER NOT NULL,
    kept_bytes  INTEGER NOT NULL,
    disposition TEXT NOT NULL CHECK (disposition IN ('received', 'filed', 'duplicate', 'set_aside')),
    tries       INTEGER NOT NULL DEFAULT 0,
    cause       TEXT,
    case_id     INTEGER REFERENCES cases (number),
    -- what was read in it, once it was read
    message_id  TEXT,
    content     TEXT,
    sender      TEXT,
    subject     TEXT,
    sent_at     TEXT,
    origin      TEXT,
    UNIQUE (mailbox, folder, validity, uid)
) STRICT;

CREATE INDEX messages_digest ON messages (digest);
-- Without the duplicates, of which a mail loop may leave thousands.
CREATE INDEX messages_content ON messages (content, message_id, case_id) WHERE disposition <> 'duplicate';
-- Two instances that each take one of two deliveries of a mail: the second must look again.
CREATE UNIQUE INDEX messages_filed_once ON messages (content, message_id)
    WHERE disposition = 'filed' AND message_id IS NOT NULL;
CREATE INDEX messages_case ON messages (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX messages_received ON messages (id) WHERE disposition = 'received';
CREATE INDEX messages_set_aside ON messages (id) WHERE disposition = 'set_aside';

-- Apart from the row that changes, so that a change does not write the mail again.
CREATE TABLE message_bodies (
    message     INTEGER PRIMARY KEY REFERENCES messages (id),
    raw         BLOB NOT NULL
) STRICT;

CREATE TRIGGER message_bodies_keep_bytes BEFORE UPDATE ON message_bodies
BEGIN SELECT RAISE(ABORT, 'a mail is kept as it came: its bytes are never changed'); END;

-- Which case a Message-ID belongs to: of mail that came in, and of our letters.
CREATE TABLE threads (
    message_id  TEXT NOT NULL,
    case_id     INTEGER NOT NULL REFERENCES cases (number),
    direction   TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    PRIMARY KEY (message_id, case_id)
) STRICT, WITHOUT ROWID;

-- The clocks that run.
CREATE TABLE deadlines (
    case_id     INTEGER NOT NULL REFERENCES cases (number),
    clock       TEXT NOT NULL,
    due_at      TEXT NOT NULL,
    PRIMARY KEY (case_id, clock)
) STRICT, WITHOUT ROWID;

CREATE INDEX deadlines_due ON deadlines (due_at);

CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id       INTEGER NOT NULL REFERENCES cases (number),
    ordinal       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    channel       TEXT NOT NULL,
    recipient     TEXT NOT NULL,
    -- the recipient in lower case: addresses are compared without regard to case
    recipient_key TEXT NOT NULL,
    envelope_from TEXT NOT NULL,
    message_id    TEXT NOT NULL UNIQUE,
    state         TEXT NOT NULL CHECK (state IN ('held', 'queued', 'sent', 'failed', 'suppressed')),
    -- attempts so far: the lock of a claim and of its settlement
    attempts      INTEGER NOT NULL DEFAULT 0,
    written_at    TEXT NOT NULL,
    next_at       TEXT,
    reply         TEXT,
    UNIQUE (case_id, ordinal)
) STRICT;

CREATE INDEX outbox_next ON outbox (next_at, kind) WHERE state = 'queued';
CREATE INDEX outbox_held ON outbox (id) WHERE state = 'held';
CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
CREATE INDEX outbox_recipient ON outbox (recipient_key, kind, written_at);

CREATE TABLE letter_bodies (
    letter      INTEGER PRIMARY KEY REFERENCES outbox (id),
    bytes       BLOB NOT NULL
) STRICT;

CREATE TRIGGER letter_bodies_keep_bytes BEFORE UPDATE ON letter_bodies
BEGIN SELECT RAISE(ABORT, 'a letter is repeated byte by byte: its bytes are never changed'); END;

CREATE TABLE attempts (
    letter      INTEGER NOT NULL REFERENCES outbox (id),
    attempt     INTEGER NOT NULL,
    begun_at    TEXT NOT NULL,
    -- what the letter became by it; NULL while it is under way, or was cut short
    state       TEXT,
    reply       TEXT,
    PRIMARY KEY (letter, attempt)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_sent ON attempts (begun_at) WHERE state = 'sent';

-- The serials that leave no gap: `case-2026` holds the last one given.
CREATE TABLE counters (
    name        TEXT PRIMARY KEY,
    value       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How each folder fares; nothing is decided by it.
CREATE TABLE mailboxes (
    label         TEXT PRIMARY KEY,
    last_success  TEXT,
    last_error    TEXT,
    last_error_at TEXT
) STRICT, WITHOUT ROWID;
