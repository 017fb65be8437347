-- How the creator of a page names where visits come from, as JSON; null where she has no rules.

ALTER TABLE "BioPage" ADD COLUMN "sourceRules" {text};
