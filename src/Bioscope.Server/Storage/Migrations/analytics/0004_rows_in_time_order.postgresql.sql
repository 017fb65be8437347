-- One key in place of two indexes: where pages' rows come interleaved, every index that begins with the page stays half empty.

ALTER TABLE "AnalyticsSession" DROP CONSTRAINT "AnalyticsSession_pkey", ADD PRIMARY KEY ("bioPageId", "startedAt", "id");
DROP INDEX "AnalyticsSession_bioPageId_startedAt";
DROP INDEX "AnalyticsSession_id";
CREATE UNIQUE INDEX "AnalyticsSession_id" ON "AnalyticsSession" ("id", "bioPageId");

ALTER TABLE "AnalyticsPageView" DROP CONSTRAINT "AnalyticsPageView_pkey", ADD PRIMARY KEY ("bioPageId", "enteredAt", "id");
DROP INDEX "AnalyticsPageView_bioPageId_enteredAt";
DROP INDEX "AnalyticsPageView_id";
CREATE UNIQUE INDEX "AnalyticsPageView_id" ON "AnalyticsPageView" ("id", "bioPageId");
