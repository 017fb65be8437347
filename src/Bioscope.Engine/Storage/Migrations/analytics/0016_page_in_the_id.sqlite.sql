-- Ids say where their row is: they carry its page and its time. Those of the rows that are there do not, and are found by an index of their
-- own. No row is rewritten; the indexes of the old rows are made anew, without the new ones.

ALTER TABLE "AnalyticsSession" ADD COLUMN "foreignId" {boolean} NOT NULL DEFAULT TRUE;
DROP INDEX "AnalyticsSession_id";
CREATE UNIQUE INDEX "AnalyticsSession_foreignId" ON "AnalyticsSession" ("id", "bioPageId") WHERE "foreignId";

ALTER TABLE "AnalyticsPageView" ADD COLUMN "foreignId" {boolean} NOT NULL DEFAULT TRUE;
DROP INDEX "AnalyticsPageView_id";
CREATE UNIQUE INDEX "AnalyticsPageView_foreignId" ON "AnalyticsPageView" ("id", "bioPageId") WHERE "foreignId";
