-- What page views, heartbeats and leaving need to find their session, and where a visit came from beyond its referrer.

-- The session's latest page view, so that finding it needs no index of its own.
ALTER TABLE "AnalyticsSession" ADD COLUMN "lastPageViewId" {uuid};

-- From the page's own address and the user agent.
ALTER TABLE "AnalyticsSession" ADD COLUMN "utmSource" {text};
ALTER TABLE "AnalyticsSession" ADD COLUMN "utmMedium" {text};
ALTER TABLE "AnalyticsSession" ADD COLUMN "utmCampaign" {text};
ALTER TABLE "AnalyticsSession" ADD COLUMN "utmTerm" {text};
ALTER TABLE "AnalyticsSession" ADD COLUMN "utmContent" {text};
ALTER TABLE "AnalyticsSession" ADD COLUMN "clickIdKind" {text}; -- such as gclid, never its value
ALTER TABLE "AnalyticsSession" ADD COLUMN "inAppBrowser" {text};

-- Browsers know only the id; the page, which every other statement filters by, is looked up here.
CREATE INDEX "AnalyticsSession_id" ON "AnalyticsSession" ("id");
CREATE INDEX "AnalyticsPageView_id" ON "AnalyticsPageView" ("id");
