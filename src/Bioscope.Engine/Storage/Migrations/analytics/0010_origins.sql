-- What else tells where a visit came from. Only facts are stored: names are read from them when a question is asked.
ALTER TABLE "AnalyticsSession" ADD COLUMN "ref" {text};           -- the parameter "source", else "ref", of an address without utm_source
ALTER TABLE "AnalyticsSession" ADD COLUMN "requestedWith" {text}; -- the header X-Requested-With: in a web view of Android, the app
ALTER TABLE "AnalyticsSession" ADD COLUMN "placement" {text};     -- the id of the placement link that the visitor came by

-- Segments have these facts from now on: they are made again in the background.
DELETE FROM "SegmentColumn";
DELETE FROM "Segment";
UPDATE "RollupPage" SET "segmentedUntil" = NULL, "version" = "version" + 1;
