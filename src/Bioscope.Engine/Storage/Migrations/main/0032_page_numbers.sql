-- Ids of sessions and page views end like their page's id; this finds the page by that end.
CREATE INDEX "BioPage_number" ON "BioPage" (substr(CAST("id" AS {text}), 29));
