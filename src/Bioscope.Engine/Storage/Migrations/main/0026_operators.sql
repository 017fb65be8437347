-- Users who run this server: they see its state and all creators at /operator.
ALTER TABLE "User" ADD COLUMN "operatorSince" {instant};
-- A suspended user cannot sign in, and her page is shown to nobody. Null: she is not suspended.
ALTER TABLE "User" ADD COLUMN "suspendedAt" {instant};

CREATE INDEX "User_suspendedAt" ON "User" ("suspendedAt") WHERE "suspendedAt" IS NOT NULL;

-- What was done, by whom and from where. It has ids only, so that of an erased creator nothing is left but them.
CREATE TABLE "AuditEvent" (
  "id"        {uuid} PRIMARY KEY,
  "at"        {instant} NOT NULL,
  "kind"      {text} NOT NULL,
  "actorId"   {uuid},          -- the user who did it; null for the command line, and for whoever failed to sign in
  "userId"    {uuid},          -- whose account it is about
  "bioPageId" {uuid},          -- which page it is about
  "origin"    {text} NOT NULL, -- the route, or the command
  "network"   {text},          -- the provider's network, an IPv4 /16 or an IPv6 /32: no address
  "country"   {text},          -- its country, ISO 3166-1 alpha-2
  "subject"   {text},          -- the id of what was changed
  "count"     {integer} NOT NULL -- how often within the hour, where that is counted in one row
);

CREATE INDEX "AuditEvent_at" ON "AuditEvent" ("at");
CREATE INDEX "AuditEvent_actorId" ON "AuditEvent" ("actorId");
CREATE INDEX "AuditEvent_userId" ON "AuditEvent" ("userId");
