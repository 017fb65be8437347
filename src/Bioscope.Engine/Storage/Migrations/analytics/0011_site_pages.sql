-- Which page of a site a visit began on: the path of its address. Null on bio pages, which are one page.
ALTER TABLE "AnalyticsSession" ADD COLUMN "page" {text};

-- Segments have this fact from now on: they are made again in the background.
DELETE FROM "SegmentColumn";
DELETE FROM "Segment";
UPDATE "RollupPage" SET "segmentedUntil" = NULL, "version" = "version" + 1;
