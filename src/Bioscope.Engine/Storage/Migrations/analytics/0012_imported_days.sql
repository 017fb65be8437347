-- What another tool counted on a day, where it exports no visits but sums. It is in no report and no recount: the dashboard shows it apart.
CREATE TABLE "ImportedDay" (
  "bioPageId" {uuid} NOT NULL,
  "day"       {instant} NOT NULL, -- the day of the tool's calendar, as its midnight in UTC
  "tool"      {text} NOT NULL,
  "visits"    {bigint},
  "visitors"  {bigint},
  "pageViews" {bigint}, -- each null where the tool does not say it
  PRIMARY KEY ("bioPageId", "day", "tool")
){withoutRowId};
