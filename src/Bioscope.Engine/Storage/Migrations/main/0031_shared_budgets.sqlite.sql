-- What callers have used of their limits, for several instances; always empty here, because a file has one server.
CREATE TABLE "SharedBudget" (
  "key"    {uuid} PRIMARY KEY,
  "taken"  {bigint} NOT NULL,
  "endsAt" {instant} NOT NULL
){withoutRowId};
