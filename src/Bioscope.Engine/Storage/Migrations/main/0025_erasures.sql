-- What was erased for good, and when: so that an erasure that was interrupted goes on, and that the operator can show that it was done.
-- Nothing in here is about a person: both ids belong to nobody any more.
CREATE TABLE "Erasure" (
  "id"            {uuid} PRIMARY KEY,
  "kind"          {text} NOT NULL,    -- creator, visitor, link
  "origin"        {text} NOT NULL,    -- who asked: creator, operator, visitor
  "bioPageId"     {uuid},             -- null for a user without a page
  "userId"        {uuid},             -- of a creator
  "requestedAt"   {instant} NOT NULL,
  "doneAt"        {instant},          -- when all rows were gone
  "overwrittenAt" {instant},          -- when their bytes were
  "sessions"      {bigint} NOT NULL,  -- how many rows were erased
  "pageViews"     {bigint} NOT NULL
);

CREATE INDEX "Erasure_requestedAt" ON "Erasure" ("requestedAt");
CREATE INDEX "Erasure_bioPageId" ON "Erasure" ("bioPageId");
