-- The rows of a page lie side by side in the order of time, in the key itself: a window is read in one go, and a new row goes to one
-- place instead of three. SQLite changes no key of a table that is there, so both are made anew.

CREATE TABLE "AnalyticsSession0004" (
  "bioPageId"      {uuid} NOT NULL,
  "id"             {uuid} NOT NULL,
  "userId"         {uuid},
  "visitorId"      {text} NOT NULL, -- keyed hash, never what the browser sent
  "referrer"       {text},
  "referrerDomain" {text},
  "country"        {text},
  "countryCode"    {text},
  "city"           {text},
  "device"         {text},
  "browser"        {text},
  "os"             {text},
  "osVersion"      {text},
  "timezone"       {text},
  "startedAt"      {instant} NOT NULL,
  "lastActivityAt" {instant} NOT NULL,
  "duration"       {integer} NOT NULL, -- seconds
  "pageViews"      {integer} NOT NULL,
  "bounced"        {boolean} NOT NULL,
  "lastPageViewId" {uuid},
  "utmSource"      {text},
  "utmMedium"      {text},
  "utmCampaign"    {text},
  "utmTerm"        {text},
  "utmContent"     {text},
  "clickIdKind"    {text}, -- such as gclid, never its value
  "inAppBrowser"   {text},
  PRIMARY KEY ("bioPageId", "startedAt", "id")
) WITHOUT ROWID;

INSERT INTO "AnalyticsSession0004"
SELECT "bioPageId", "id", "userId", "visitorId", "referrer", "referrerDomain", "country", "countryCode", "city", "device", "browser", "os",
  "osVersion", "timezone", "startedAt", "lastActivityAt", "duration", "pageViews", "bounced", "lastPageViewId", "utmSource", "utmMedium",
  "utmCampaign", "utmTerm", "utmContent", "clickIdKind", "inAppBrowser"
FROM "AnalyticsSession" ORDER BY "bioPageId", "startedAt", "id";

DROP TABLE "AnalyticsSession";
ALTER TABLE "AnalyticsSession0004" RENAME TO "AnalyticsSession";
CREATE UNIQUE INDEX "AnalyticsSession_id" ON "AnalyticsSession" ("id", "bioPageId");

CREATE TABLE "AnalyticsPageView0004" (
  "bioPageId"   {uuid} NOT NULL,
  "id"          {uuid} NOT NULL,
  "sessionId"   {uuid} NOT NULL,
  "path"        {text},
  "title"       {text},
  "enteredAt"   {instant} NOT NULL,
  "linkClicked" {uuid},
  "duration"    {integer}, -- seconds
  "scrollDepth" {integer}, -- percent
  PRIMARY KEY ("bioPageId", "enteredAt", "id")
) WITHOUT ROWID;

INSERT INTO "AnalyticsPageView0004"
SELECT "bioPageId", "id", "sessionId", "path", "title", "enteredAt", "linkClicked", "duration", "scrollDepth"
FROM "AnalyticsPageView" ORDER BY "bioPageId", "enteredAt", "id";

DROP TABLE "AnalyticsPageView";
ALTER TABLE "AnalyticsPageView0004" RENAME TO "AnalyticsPageView";
CREATE UNIQUE INDEX "AnalyticsPageView_id" ON "AnalyticsPageView" ("id", "bioPageId");
