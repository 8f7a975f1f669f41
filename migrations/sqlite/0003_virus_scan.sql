-- What the virus scanner said of a mail: NULL where there was none, 'clean', 'unscanned' (it did not answer and is
-- asked again), 'infected: SIGNATURE', 'unscannable: WHY'.
ALTER TABLE messages ADD COLUMN scan TEXT;
-- How often the scanner, though well, failed on it.
ALTER TABLE messages ADD COLUMN scan_tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_unscanned ON messages (scan_tries, id) WHERE scan = 'unscanned';
