-- Sites that a creator counts on her page's account: visits that come from their origin need no token.
CREATE TABLE "Site" (
  "id"        {uuid} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "origin"    {text} NOT NULL,
  "createdAt" {instant} NOT NULL
);

CREATE UNIQUE INDEX "Site_origin" ON "Site" ("bioPageId", "origin");
