-- Headings between links, the time at which a link is shown, the one link that stands out, and what a deletion can be undone from.

ALTER TABLE "BioLink" ADD COLUMN "heading" {boolean} NOT NULL DEFAULT FALSE; -- its url is empty
ALTER TABLE "BioLink" ADD COLUMN "pinned" {boolean} NOT NULL DEFAULT FALSE;
ALTER TABLE "BioLink" ADD COLUMN "startsAt" {instant};
ALTER TABLE "BioLink" ADD COLUMN "endsAt" {instant};

CREATE UNIQUE INDEX "BioLink_pinned" ON "BioLink" ("bioPageId") WHERE "pinned";

-- Not a column of "BioLink", so that no statement on the links can forget to leave out deleted ones.
CREATE TABLE "DeletedLink" (
  "id"        {uuid} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "title"     {text} NOT NULL,
  "url"       {text} NOT NULL,
  "position"  {integer} NOT NULL,
  "active"    {boolean} NOT NULL,
  "heading"   {boolean} NOT NULL,
  "pinned"    {boolean} NOT NULL,
  "startsAt"  {instant},
  "endsAt"    {instant},
  "deletedAt" {instant} NOT NULL
);

CREATE INDEX "DeletedLink_bioPageId" ON "DeletedLink" ("bioPageId");
