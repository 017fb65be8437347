-- What was erased for good, and when: so that an erasure that was interrupted goes on, and that the operator can show that it was done.
-- Nothing in a row that is done is about a person: its ids belong to nobody any more.
CREATE TABLE "Erasure" (
  "id"            {uuid} PRIMARY KEY,
  "kind"          {text} NOT NULL,    -- creator, visitor, link
  "origin"        {text} NOT NULL,    -- who asked: creator, operator, visitor
  "bioPageId"     {uuid},             -- null for a user without a page, and for a visitor, who may have been on many
  "userId"        {uuid},             -- of a creator
  "subject"       {text},             -- whose rows are to be found: a visitor's hash, a link's id; null when it is done
  "requestedAt"   {instant} NOT NULL,
  "takenUntil"    {instant},          -- an instance is at it, and no other one until then
  "doneAt"        {instant},          -- when all rows were gone
  "overwrittenAt" {instant},          -- when their bytes were
  "sessions"      {bigint} NOT NULL,  -- how many rows were erased
  "pageViews"     {bigint} NOT NULL
);

CREATE INDEX "Erasure_requestedAt" ON "Erasure" ("requestedAt");
CREATE INDEX "Erasure_bioPageId" ON "Erasure" ("bioPageId");
