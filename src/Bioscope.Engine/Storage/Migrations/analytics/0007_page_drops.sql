-- What was not counted, as counts only: nothing of a person, and nothing of a visit but its page and its day.
CREATE TABLE "PageDrop" (
  "bioPageId" {uuid} NOT NULL,
  "day"       {instant} NOT NULL, -- its midnight, UTC
  "reason"    {text} NOT NULL,
  "count"     {bigint} NOT NULL,
  PRIMARY KEY ("bioPageId", "day", "reason")
){withoutRowId};
