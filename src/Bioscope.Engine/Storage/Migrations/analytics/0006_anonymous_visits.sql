-- Which session an anonymous visitor's next page load may continue. Rows of earlier days are deleted: their hashes never come again.
CREATE TABLE "AnonymousVisit" (
  "bioPageId" {uuid} NOT NULL,
  "visitorId" {text} NOT NULL,
  "sessionId" {uuid} NOT NULL,
  "startedAt" {instant} NOT NULL, -- of the session
  PRIMARY KEY ("bioPageId", "visitorId")
){withoutRowId};
