-- What a bio page shows. All of it has a value for the pages and links that are there already.

ALTER TABLE "BioPage" ADD COLUMN "title" {text};
ALTER TABLE "BioPage" ADD COLUMN "description" {text};

-- Equal positions are shown by id, so links that nobody has put in order yet stay where they are.
ALTER TABLE "BioLink" ADD COLUMN "position" {integer} NOT NULL DEFAULT 0;
ALTER TABLE "BioLink" ADD COLUMN "active" {boolean} NOT NULL DEFAULT TRUE;
