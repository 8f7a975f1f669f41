-- A robot's copy of a mail (a list's, or a forgery marked as bulk) opens nothing and must not stand in the
-- way of the person's own: only what a person wrote is filed once.
DROP INDEX messages_filed_once;
CREATE UNIQUE INDEX messages_filed_once ON messages (content, message_id)
    WHERE disposition = 'filed' AND origin = 'human' AND message_id IS NOT NULL;
