-- Ids say where their row is: they carry its page and its time, by which the index that reports use finds it. Those of the rows that are there
-- do not, and are found by an index of their own. No row is rewritten. There is no primary key: one over page, time and id would be larger than
-- both indexes that remain, and an id that carries its place is unique by its random bits.

ALTER TABLE "AnalyticsSession" ADD COLUMN "foreignId" boolean NOT NULL DEFAULT TRUE;
CREATE UNIQUE INDEX "AnalyticsSession_foreignId" ON "AnalyticsSession" ("id", "bioPageId") WHERE "foreignId";
ALTER TABLE "AnalyticsSession" DROP CONSTRAINT "AnalyticsSession_pkey";

ALTER TABLE "AnalyticsPageView" ADD COLUMN "foreignId" boolean NOT NULL DEFAULT TRUE;
CREATE UNIQUE INDEX "AnalyticsPageView_foreignId" ON "AnalyticsPageView" ("id", "bioPageId") WHERE "foreignId";
ALTER TABLE "AnalyticsPageView" DROP CONSTRAINT "AnalyticsPageView_pkey";
