-- The addresses of a bio page for one place each, /@handle/slug, and what source the creator says that place is. A removed one keeps
-- its row, because its visits keep source and label; its slug is free again.
CREATE TABLE "Placement" (
  "id"        {uuid} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "slug"      {text} NOT NULL,
  "source"    {text} NOT NULL,
  "label"     {text} NOT NULL,
  "createdAt" {instant} NOT NULL,
  "removedAt" {instant}
);

CREATE INDEX "Placement_bioPageId" ON "Placement" ("bioPageId");
CREATE UNIQUE INDEX "Placement_slug" ON "Placement" ("bioPageId", "slug") WHERE "removedAt" IS NULL;
