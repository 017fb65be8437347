-- What else is known of a visitor's place and language, which questions may be asked by.
ALTER TABLE "AnalyticsSession" ADD COLUMN "language" {text}; -- the one that the browser prefers, such as de or pt-BR
ALTER TABLE "AnalyticsSession" ADD COLUMN "region" {text};   -- by the operator's own table of places
