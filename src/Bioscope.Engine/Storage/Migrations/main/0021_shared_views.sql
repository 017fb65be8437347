-- Read-only links to a view of a page's figures. A link's token is made from the row's id and a secret, so it is not stored.
CREATE TABLE "SharedView" (
  "id"           {uuid} PRIMARY KEY,
  "bioPageId"    {uuid} NOT NULL,
  "title"        {text} NOT NULL,
  "question"     {text} NOT NULL, -- range, timeZone, filters and compare of a query, as JSON
  "linkId"       {uuid},          -- the one link whose clicks are shown; null for all
  "blocks"       {text} NOT NULL, -- what is shown, separated by spaces
  "showsName"    {boolean} NOT NULL,
  "passwordHash" {text},
  "embedOrigins" {text},          -- which sites may embed it, one per line; null for none
  "expiresAt"    {instant},
  "createdAt"    {instant} NOT NULL,
  "lastUsedAt"   {instant}        -- to the hour
);

CREATE INDEX "SharedView_bioPageId" ON "SharedView" ("bioPageId");
