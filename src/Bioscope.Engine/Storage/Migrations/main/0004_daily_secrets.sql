-- The keys of anonymous visitors' hashes. Each holds for one UTC day and is destroyed after it, so that the visitors of two days
-- cannot be compared. In the main database, so that a copy of the visits alone does not hold the key to them.
CREATE TABLE "DailySecret" (
  "day"    {integer} PRIMARY KEY, -- since 1970
  "secret" {bytes} NOT NULL       -- 32 random bytes
);
