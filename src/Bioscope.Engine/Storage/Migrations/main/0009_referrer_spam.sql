-- Whether the creator wants to see visits of known referrer spam. Null, as it is at first, is no.

ALTER TABLE "BioPage" ADD COLUMN "showsReferrerSpam" {boolean};
