-- How a bio page looks, whether visitors see it, and the handles that it had.

ALTER TABLE "BioPage" ADD COLUMN "theme" {text};  -- these three: null for the default
ALTER TABLE "BioPage" ADD COLUMN "colour" {text}; -- #rrggbb
ALTER TABLE "BioPage" ADD COLUMN "font" {text};
ALTER TABLE "BioPage" ADD COLUMN "icons" {text};  -- addresses of profiles, one per line; null for none
ALTER TABLE "BioPage" ADD COLUMN "published" {boolean} NOT NULL DEFAULT TRUE;

-- An address that was shared leads on after the page got another handle, and nobody else can take it in that time.
CREATE TABLE "OldHandle" (
  "handle"    {text} PRIMARY KEY,
  "bioPageId" {uuid} NOT NULL,
  "until"     {instant} NOT NULL
);

CREATE INDEX "OldHandle_bioPageId" ON "OldHandle" ("bioPageId");
