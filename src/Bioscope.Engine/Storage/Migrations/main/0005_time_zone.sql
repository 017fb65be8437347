-- What a day is to the creator of a page: the IANA name of her time zone. Null until one is kept.

ALTER TABLE "BioPage" ADD COLUMN "timeZone" {text};
