-- What is still to be sent, and what was sent: each message has a key, so that it is written once, whoever writes it and however often.
CREATE TABLE "Outbox" (
  "key"       {text} PRIMARY KEY,
  "channel"   {text} NOT NULL,    -- what it is sent by: mail, webhook
  "kind"      {text} NOT NULL,    -- what it is: a reset of a password, a weekly report
  "data"      {text} NOT NULL,    -- JSON; emptied when the message is done
  "createdAt" {instant} NOT NULL,
  "dueAt"     {instant} NOT NULL, -- when it is tried; whoever tries it moves this on, so that nobody else does
  "expiresAt" {instant} NOT NULL, -- from then on it is of no use, and is not sent
  "attempts"  {integer} NOT NULL,
  "doneAt"    {instant},
  "outcome"   {text},             -- of one that is done: sent, dropped, refused, expired
  "problem"   {text}              -- why the last attempt failed
);

CREATE INDEX "Outbox_dueAt" ON "Outbox" ("channel", "dueAt") WHERE "doneAt" IS NULL;
CREATE INDEX "Outbox_createdAt" ON "Outbox" ("createdAt");

-- Links that were sent by mail and work once. The link itself is not here: it is the id with a keyed hash.
CREATE TABLE "MailedLink" (
  "id"        {uuid} PRIMARY KEY,
  "kind"      {text} NOT NULL, -- reset: a new password; confirm: the address is the user's
  "userId"    {uuid} NOT NULL,
  "email"     {text} NOT NULL, -- where it was sent
  "expiresAt" {instant} NOT NULL
);

CREATE INDEX "MailedLink_userId" ON "MailedLink" ("userId");
CREATE INDEX "MailedLink_expiresAt" ON "MailedLink" ("expiresAt");

-- Since when the address is known to be the user's. Addresses so far were given by the operator, who vouches for them.
ALTER TABLE "User" ADD COLUMN "emailConfirmedAt" {instant};
UPDATE "User" SET "emailConfirmedAt" = "createdAt" WHERE "email" IS NOT NULL;
