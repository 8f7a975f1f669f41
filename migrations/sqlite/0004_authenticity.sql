-- How far a mail's From was shown to be its sender's when it was read, and on what that rests; NULL for
-- what was read before, or never.
ALTER TABLE messages ADD COLUMN authenticity TEXT
    CHECK (authenticity IN ('dmarc', 'dkim', 'spf', 'failed', 'none', 'unknown'));
ALTER TABLE messages ADD COLUMN authenticity_why TEXT;
