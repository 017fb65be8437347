-- The rules before the last change, which an undo brings back: empty where there were none, null while nothing was changed.

ALTER TABLE "BioPage" ADD COLUMN "sourceRulesBefore" {text};
