-- What callers have used of their limits, for several instances. Without write-ahead log: a crash of the server empties it, and the instances
-- go on with what they hold. Room in each page of the file keeps updates of a row in its place.
CREATE UNLOGGED TABLE "SharedBudget" (
  "key"    uuid PRIMARY KEY,      -- a keyed hash of route and caller
  "taken"  bigint NOT NULL,       -- requests that instances have granted or may still grant
  "endsAt" timestamp(3) NOT NULL  -- by the server's clock
) WITH (fillfactor = 50);
