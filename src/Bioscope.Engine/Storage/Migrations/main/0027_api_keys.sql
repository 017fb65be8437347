-- Keys by which programs call the API. Of a key itself only its hash is stored.
CREATE TABLE "ApiKey" (
  "id"        {uuid} PRIMARY KEY,
  "hash"      {text} NOT NULL UNIQUE, -- SHA-256
  "name"      {text} NOT NULL,
  "scope"     {text} NOT NULL CHECK ("scope" IN ('read', 'ingest')),
  "bioPageId" {uuid},                 -- the one page that it is for; null for all pages
  "createdAt" {instant} NOT NULL,
  "usedAt"    {instant}               -- to the minute
);

CREATE INDEX "ApiKey_bioPageId" ON "ApiKey" ("bioPageId");
