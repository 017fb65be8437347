-- What a user sees of her sign-ins, to end those that are not hers. Null for those that began before.
ALTER TABLE "RefreshFamily" ADD COLUMN "startedAt" {instant};
ALTER TABLE "RefreshFamily" ADD COLUMN "usedAt" {instant}; -- to the hour
ALTER TABLE "RefreshFamily" ADD COLUMN "client" {text};    -- browser and system in words, such as Safari on iOS; no address, no user agent
