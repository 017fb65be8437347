-- The key begins with the id, which rises with time: its pages in the file are full, and ingestion finds rows with it. Where pages' rows
-- come interleaved, an index that begins with the page stays half empty, so there is one of those, as narrow as can be.

ALTER TABLE "AnalyticsSession" DROP CONSTRAINT "AnalyticsSession_pkey", ADD PRIMARY KEY ("id", "bioPageId");
DROP INDEX "AnalyticsSession_id";

ALTER TABLE "AnalyticsPageView" DROP CONSTRAINT "AnalyticsPageView_pkey", ADD PRIMARY KEY ("id", "bioPageId");
DROP INDEX "AnalyticsPageView_id";
